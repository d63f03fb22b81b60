"""English word lists that the patterns share; data, to be extended by adding words."""


def words(text: str) -> frozenset[str]:
    """The set of the words that a text lists."""
    return frozenset(text.split())


ADVERBS = words(
    "always usually never often really also just still mostly rarely sometimes only now currently "
    "normally generally already recently seldom both no longer"
)
"""What may stand between "I" and its verb, beside words in -ly."""

LY_VERBS = words("ally apply bully comply dally fly imply multiply rally rely reply supply tally")
"""Verbs that look like adverbs."""

MODALS = words("can can't cannot will won't must may would")
"""Verbs that are the same in the third person."""

IRREGULAR_PAST = words(
    "was had did went got took made gave came saw said told knew thought found left felt kept "
    "began bought brought built broke chose drove ate fell flew forgot grew heard held led lost "
    "met paid ran sold sent slept spoke spent stood swam taught won wrote became quit learnt sat "
    "rode wore drew sang"
)

SMALL_TALK_VERBS = words(
    "think thought guess hope hoped mean meant know knew see saw say said tell told wonder "
    "wondered suppose supposed feel felt believe believed find found agree agreed understand "
    "understood swear promise promised remember remembered forget forgot hear heard wish wished "
    "bet doubt get got give thank thanked appreciate apologize apologise attach attached enclose "
    "enclosed send sent need needed want wanted ask asked notice noticed receive received reply "
    "replied answer answered trust count owe owed expect expected imagine imagined mind stand "
    "meet met look call called come came go"
)
"""Verbs whose first person mostly belongs to the talk itself and tells nothing to keep."""

COMMON_VERBS = words(
    "live work study own keep speak teach run play draw paint sing garden cook bake drive commute "
    "write grow collect coach volunteer follow support use make knit sew swim cycle hike climb "
    "repair read eat drink like love prefer hate enjoy walk sleep practice practise train help "
    "ask plan"
)
"""Verbs that may follow an "and" and then agree with the same subject."""

NOT_NAMES = words("I The And But So If He She It They We You Mr Mrs Ms Dr")
"""Capitalized words that follow "my sister" without being her name."""

FIELD_LABELS = words(
    "to cc bcc subject re title when where date from notes note location attachments attachment "
    "tags repeat alert calendar guests topic status owner reminder todo description organizer "
    "organiser organisers sent reply-to ps p.s question answer summary edit file message text "
    "mon tue wed thu fri sat sun today yesterday alarm time average last saved we i"
)
"""What stands before a colon or a time of day without being a person."""

TOP_LEVEL_DOMAINS = words("com org net example dev io app")

COMMON_FILE_HEADS = words(
    "untitled document draft notes note file main test tests index readme report final copy "
    "screenshot image page http https home docs documents desktop downloads src tmp work projects"
)
"""First words of file names that say nothing about a project."""

STOP_WORDS = words(
    "a about above after again all also am an and any are as at back be because been before being "
    "best between both but by can cannot click close come could day days did do does done down "
    "each edit even every file few find first for free from full get give go good got had has "
    "have he help her here hers hi him his home how i if in into is it its just keep know last "
    "less let like log login long look made make many may me menu message might minutes mon "
    "monday month more most much must my need never new next no not now of off ok old on once one "
    "only open or other our out over own page people per please read really reply s same save "
    "saved say search see send sent she should show sign since so some still subject such sure t "
    "take tell than thank thanks that the their them then there these they thing things think "
    "this those through time to today together tomorrow too tools tue tuesday two under until up "
    "us use very view want was way we wed wednesday week weekend weekly well were what when where "
    "which while who why will window with without work would year years yes yesterday you your "
    "fri friday thu nothing something anything everything nobody somebody everybody along "
    "throughout around across opening closing hours bad nice great later soon second third half "
    "part parts whole one two three four five six seven eight nine ten always never often maybe "
    "perhaps thursday sat saturday sun sunday pm inbox draft drafts cc bcc re fwd dear regards "
    "masked january february march april june july august september october november december jan "
    "feb mar apr jun jul aug sep oct nov dec"
)
"""Words that make no topic."""
