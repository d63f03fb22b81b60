"""The wordings that users and replies draw from, names and habits: data, no logic."""

from tools.bundled_model.styles import Format, Tone

# A reply in a tone other than neutral carries one of its tone's openings or closings; a neutral
# one carries none of them, so that a program can tell the tones apart.
OPENINGS: dict[Tone, tuple[str, ...]] = {
    "warm": (
        "Happy to help!",
        "I'm glad you asked.",
        "You're not alone in this.",
        "I'm happy to help with {topic}.",
        "It's lovely that you ask about {topic}.",
    ),
    "neutral": (
        "",
        "",
        "Here is some advice on {topic}.",
        "This is about {topic}.",
    ),
    "playful": (
        "Ooh, fun!",
        "Ha, let's go!",
        "Buckle up!",
        "Ooh, {topic}, one of my favorites!",
        "Drum roll for {topic}!",
    ),
    "formal": (
        "Certainly.",
        "With pleasure.",
        "Thank you for your question.",
        "Thank you for asking about {topic}.",
        "Allow me to advise on {topic}.",
    ),
}
CLOSINGS: dict[Tone, tuple[str, ...]] = {
    "warm": ("You've got this.", "Be kind to yourself.", "I'm cheering for you."),
    "neutral": ("",),
    "playful": ("Easy peasy!", "Go get them, champ!", "Ta-da!"),
    "formal": ("I hope that this is of use.", "I remain at your service.", "I wish you success."),
}
LEAD_INS: dict[Format, tuple[str, ...]] = {
    "prose": ("",),
    "bullets": (
        "Here are some ideas:",
        "These may help:",
        "Some things to try:",
        "Ideas for {topic}:",
    ),
    "steps": (
        "Follow these steps:",
        "Try it in this order:",
        "Step by step:",
        "Steps for {topic}:",
    ),
}

# What a user can write besides the asks of the topic bank.
TOPIC_ASKS = (
    "Can you help me with {topic}?",
    "Tell me about {topic}.",
    "I need advice on {topic}.",
    "Any tips on {topic}?",
    "{topic}?",
    "what should I know about {topic}",
    "I would like some help with {topic}.",
    "Let's talk about {topic}.",
)
GREETINGS = ("Hi!", "Hello,", "Hey,", "Quick question:", "I have a question.", "Please help me.")
IN_PASSING: dict[str, dict[object, tuple[str, ...]]] = {
    "length": {
        "short": ("Keep it short please.", "Shorter please."),
        "medium": ("Not too long, not too short.",),
        "long": ("Please explain in detail.", "Longer please."),
    },
    "format": {
        "prose": ("No list please.",),
        "bullets": ("As bullet points please.", "In bullets please."),
        "steps": ("Step by step please.", "As numbered steps please."),
    },
}
FOLLOW_UPS: dict[str, tuple[str, ...]] = {
    "why": ("Why?", "Why does that help?", "And why is that?"),
    "example": ("Can you give me an example?", "For example?", "Such as?"),
    "caution": ("Anything I should watch out for?", "What should I avoid?", "Any risks?"),
    "more": ("Tell me more.", "What else?", "More ideas please.", "Anything else?"),
}

ABSENT = (
    "I have nothing on that in my notes.",
    "My notes say nothing about that.",
    "That is not in my notes, so I would only be guessing.",
    "I found no notes on that.",
)
ABSENT_QUESTIONS = (
    "Can you tell me more about it?",
    "Shall I look at something else?",
    "Is there another way to put it?",
)

RECALL_ASKS = (
    "What do you know about me?",
    "What have you learned about me so far?",
    "Do you remember anything about me?",
    "Who am I?",
    "tell me what you know about me",
    "What do you have in your memory about me?",
    "What did you notice about me?",
)
RECALL_LEADS = ("This is what I know:", "What I know about you:", "I have noted this:")
RECALL_QUESTIONS = ("Is that right?", "Should I change anything?", "Did I miss something?")
RECALL_NOTHING = (
    "I do not know anything about you yet.",
    "So far I have learned nothing about you.",
)

# fmt: off
NAMES = (
    "Mara", "Ana", "Tomas", "Li", "Aisha", "Noah", "Olga", "Pedro", "Yuki", "Sam", "Nina", "Ravi",
    "Elena", "Kofi", "Hana", "Lars", "Fatima", "Ivan", "Grace", "Omar", "Julia", "Chen", "Marta",
    "Diego", "Leila", "Ben", "Sofia", "Arjun", "Emma", "Karim", "Ingrid", "Tariq", "Rosa", "Peter",
    "Amara", "Hugo", "Lucia", "Finn", "Zara", "Marek", "Paula", "Idris", "Clara", "Jonas", "Mina",
    "Andre", "Vera", "Luca", "Nadia", "Oscar",
)
# fmt: on

# Things that a daemon would notice and that seldom bear on a question; {topic} is any topic.
HABITS = (
    "uses a spreadsheet on weekday mornings",
    "spends most evenings in a code editor",
    "writes many short emails after lunch",
    "reads the news before work",
    "often reads about {topic}",
    "searched for {topic} last week",
    "keeps a document about {topic}",
    "talked with {name} about {topic}",
    "has a weekly meeting with {name}",
    "has a dentist appointment on Friday",
    "is interested in {topic}",
    "works with {name}",
    "lists {topic} among their plans",
)
