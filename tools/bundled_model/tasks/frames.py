"""How screens, mails, notes and chats look: data.

The slots of a frame are those of ``words.Slots`` and these: ``own`` is something the user says of
themself, ``act`` an entry, order or search that is the user's (its kind follows: ``act_errand``),
``other`` something another person says of themself, ``chat`` small talk, ``lure`` an advertisement.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """One look: where it comes from and its text."""

    trust: str
    text: str


@dataclass(frozen=True)
class Act:
    """What is shown of something that the user did or plans, and what is then known."""

    shown: str
    held: str


OWN_FRAMES: tuple[Frame, ...] = (
    Frame("typed", "{own}"),
    Frame("typed", "{own} {own2}"),
    Frame("typed", "{chat} {own}"),
    Frame("typed", "{own} {chat}"),
    Frame("typed", "Note to self\n\n{own}\n- {act_errand}\n- {act_errand2}"),
    Frame(
        "typed", "{tool} | Page: {season}\n[+ New page]  [Tag]\n\n{own}\n{own2}\n\nWords: {many}"
    ),
    Frame("typed", "{tool} - Notes\n{act_errand}\n{act_errand2}\n{act_errand3}\nSync: ok"),
    Frame("typed", "diary, {day}\n{chat} {own} {own2}"),
    Frame(
        "typed", "To: {person}\nSubject: {project}\n\nHi {person},\n\n{own} {chat}\n\nBest,\n{name}"
    ),
    Frame(
        "typed", "To: {person}\nSubject: hello\n\nDear {person},\n{chat} {own}\n\n{own2}\n\n{name}"
    ),
    Frame("typed", "Draft saved {time}\nTo: {person}\n\n{own}\n\n{chat}\n{name}|"),
    Frame(
        "typed",
        "Reply to {person}\n\n{own} {chat}\n{name}\n\n"
        "On {date} {person} wrote:\n> {other}\n> {chat2}",
    ),
    Frame("typed", "User: {own} {chat}\nAssistant: I see.\nUser: {own2}"),
    Frame("typed", "{name}: {chat}\nAssistant: How can I help?\n{name}: {own}"),
    Frame("typed", "{name}: {own}\nAssistant: Thank you, noted. Anything else?\n{name}: {own2}"),
    Frame("typed", "letter to {company}\n\nDear Sir or Madam,\n{own} {own2}\nYours, {name}"),
    Frame("typed", "Search: {act_question}\n{lure}\n1. {lure2}\n2. Ask a neighbor"),
    Frame("typed", "{shop} > Review your {object}\n\n{own} {chat}|\n\n[Post]   {lure}"),
    Frame("typed", "Forum > {craft}\nposted by {name} (you)\n\n{own} {chat}\n\n{person}: {other}"),
    Frame("typed", "Comment as {name}: {own}\n\n{person}  {other}\n{person2}  {chat}"),
    Frame("sent", "Sent\nTo: {person}\nSubject: {day}\n\nHi,\n{own}\n{own2}\nThanks, {name}"),
    Frame(
        "sent", "From: {name} (me)\nTo: all\nSent: {date}\n\n{chat} {own}\n\n> {person}: {other}"
    ),
    Frame("sent", "{person}  {time}\n{chat}\n\nYou  {time2}\n{own}\n\n{person}  {time3}\n{other}"),
    Frame("sent", "{person}\n{other}\n{name} (you)\n{own}\n{person}\n{chat}\n{name} (you)\n{own2}"),
    Frame(
        "sent", "#{team}   {number} members\n\n{person}: {other}\n{name}: {own}\n{person}: {chat}"
    ),
    Frame("sent", "{name}: {own}\n{person}: {chat}\n{person2}: {other}\n{name}: {own2}"),
    Frame("sent", "Family chat\n{person}: {chat}\nme: {own}\n{person2}: {other} {chat2}"),
    Frame("sent", "You: {chat}\n{person}: {other}\nYou: {own} ✓✓\nType a message"),
    Frame(
        "sent",
        "Invitation sent to {number} people\n{act_calendar}\nOrganizer: {name} (you)\n{chat}",
    ),
    Frame("sent", "Order placed by {name}\n{act_object}\n{shop}, {place}\n\n{lure}"),
    Frame("read", "{day}\n{act_calendar}\n{act_calendar2}\n[+ New]"),
    Frame(
        "read",
        "Dayboard   {month}\n{act_calendar}\n{act_calendar2}\n{act_calendar3}\nGuests: {person}",
    ),
    Frame("read", "Your order\nDear {name},\n{act_object}\nwill arrive on {day}.\n{lure}\n{shop}"),
    Frame("read", "History\n{act_question}\n{act_question2}\n[Clear history]"),
    Frame("read", "Basket of {name}\n{act_object}\n{act_object2}\n{lure}"),
    Frame("read", "{person}: {other}\n{person2}: {other2}\n{name}: {own}\n{person}: {chat}"),
    Frame("read", "Thread\n{name} asked: {chat} {own}\n{person} answered: {other}"),
    Frame("read", "{lure}\n\nHello {name}\nYour comment: {own}\n{person}: {other}"),
)

EMPTY_FRAMES: tuple[Frame, ...] = (
    Frame("typed", "{chat}"),
    Frame("typed", "To: {person}\n\n{chat} {chat2}\n{name}"),
    Frame("typed", "{name}: {chat}\nAssistant: I am here.\n{name}: {chat2}"),
    Frame("sent", "{person}: {other}\nYou: {chat}\n{person}: {other2}"),
    Frame("sent", "{person}  {time}\n{other}\n{name} (you)  {time2}\n{chat}"),
    Frame("read", "From: {person}\nTo: {name}\n\nHi {name},\n{other} {other2}\nBest, {person}"),
    Frame("read", "{person}: {other}\n{person2}: {other2}\n{person}: {chat}"),
    Frame("read", "#{team}\n{person}  {time}\n{other}\n{person2}  {time2}\n{other2}\n{chat}"),
    Frame("read", "{lure}\n{lure2}\n\nMost read: {book}\n[Share]"),
    Frame("read", "by {person}\n{other} {other2}\n\nComments\n{person2}: {other3}"),
    Frame("read", "{shop}\nHello {name}\n{lure}\n{lure2}\n{lure3}"),
)

WINDOWS: tuple[str, ...] = (
    "{tool}   File  Edit  View  Help\n\n{screen}\n\nSync: ok {time}",
    "{tool} - {project}\n[Send]  [Attach]  [Discard]\n{screen}\n\n[Reply]  [Forward]",
    "Inbox {many}  Drafts {number}\n\n{screen}\n\nNext: {person}: {other}",
    "{screen}\n\nSeen by {number}\n[ Message #{team} ]  Aa",
    "{screen}\n--\n{lure}\n{many} others read this",
    "{tool}  |  {month}  |  signed in: {name}\n{screen}\nWords: {many}   saved {time}",
    "Pinned by {person}: {other}\n\n{screen}",
    "{lure}\n\n{screen}\n\nTags: {sport}, {craft}",
    "[Today] [<] [>]   View: Week\n{screen}\nGuests: {person} - yes, {person2} - maybe",
    "{screen}\n\n{person} likes this\n{person2} is typing...",
)
"""What stands around a screen; none of it says anything of its user."""

ACTS: dict[str, tuple[Act, ...]] = {
    "errand": (
        Act("[ ] {errand}", "means to {errand}"),
        Act("{errand}!", "means to {errand}"),
        Act("todo: {errand} before {day}", "means to {errand} before {day}"),
        Act("don't forget: {errand}", "means to {errand}"),
        Act("[x] {errand}", "has done this: {errand}"),
        Act("ask {person} about {document}", "means to ask {person} about {document}"),
        Act("get {plant} and a {object}", "means to get {plant} and a {object}"),
        Act("idea: try {craft} in {season}", "may try {craft} in {season}"),
    ),
    "calendar": (
        Act("{time} {visit}", "has an appointment at {visit} at {time}"),
        Act("{date} {time}  {visit}", "has an appointment at {visit} on {date} at {time}"),
        Act("{time} call with {person}", "has a call with {person} at {time}"),
        Act("{day} {time} - {sport}", "has {sport} on {day} at {time}"),
        Act("Title: {project} with {team}\nWhen: {date} {time}",
            "has a meeting on {project} with {team} on {date} at {time}"),
        Act("{day}: {event} in {place}", "plans to be at {event} in {place} on {day}"),
        Act("Lunch with {person}, {day}", "is having lunch with {person} on {day}"),
        Act("{exam}, {date}", "has {exam} on {date}"),
        Act("{club}, every {day} {time}", "goes to {club} every {day} at {time}"),
        Act("Flight to {place} {date} {time}", "flies to {place} on {date} at {time}"),
    ),
    "object": (
        Act("1 x {object}, {color}", "ordered a {color} {object}"),
        Act("{number} x {object}", "ordered {number} of these: {object}"),
        Act("{book} (paperback)", "ordered the book {book}"),
        Act("Seeds: {plant}", "ordered seeds of {plant}"),
        Act("{craft} set for beginners", "ordered a {craft} set for beginners"),
    ),
    "question": (
        Act("{question}", "searched for {question}"),
        Act("{time} {question}", "searched for {question}"),
        Act("trains to {place} on {day}", "searched for trains to {place} on {day}"),
        Act("{job} jobs in {place}", "searched for {job} jobs in {place}"),
        Act("{language} course {place}", "searched for a {language} course in {place}"),
    ),
}  # fmt: skip

CHATS: tuple[str, ...] = (
    "Hope you are well.", "Thanks a lot!", "Could you ring me back?", "See you soon.",
    "How was your weekend?", "What do you think?", "That sounds good.", "ok", "haha of course",
    "Please let me know.", "No problem at all.", "Did you get my message?", "Happy birthday!",
    "Can someone help with this?", "Is it raining where you are?", "Great news!", "lol",
    "Any idea what that means?", "Sorry for the late reply.", "Good morning all.",
    "Where should we meet?", "Which one would you take?", "Let's talk about it on {day}.",
    "Did {person} call you?", "Is the {object} still for sale?", "How does {sport} work?",
    "Can you explain {field} to me?", "What is a good {object}?", "Tell {person} I said hello.",
    "Has anyone seen the {color} folder?", "Who wrote {document}?", "Well done {person}!",
)  # fmt: skip

LURES: tuple[str, ...] = (
    "{name}, you have won a {object}!", "Only today: {number} % off every {object}.",
    "You love {sport}, so you will love {shop}.", "Dear {name}, your trip to {place} is waiting.",
    "People like you buy a {object} at {shop}.", "Your account at {company} is locked.",
    "Because you are a {praise} customer of {company}.",
    "{name}, learn {language} in {number} days!",
    "You asked us about {ailment}, here is the cure.", "Last seats: {event} in {place}.",
    "{name} just made {many} a day with our tip!", "Members of {club} get {vehicle} for free.",
    "Your {relative} sent you a gift, log in to see it.", "New: {food} in {number} minutes.",
    "Hello {name}, thank you for {number} years with {company}.", "Sponsored: {tool} for {team}.",
    "You live near {place}? Then come to {shop}.", "{name}, still paying rent? Buy {dwelling}.",
)  # fmt: skip

SPOKEN: tuple[str, ...] = (
    "{said}", "{said}", "{said}", "By the way: {said}", "You know what? {said}", "So: {said}",
    "{said} 😊", "Hm... {said}", "About me: {said}", "Sorry! {said}", "PS: {said}",
)  # fmt: skip
"""How a sentence is brought in."""
