"""What the slots of claims and screens are filled with: data, and how a value is drawn."""

import random
from collections.abc import Mapping, Sequence

from tools.bundled_model.copying import invented_name
from tools.bundled_model.phrases import NAMES

# fmt: off
_LISTS: Mapping[str, str] = {
    "place": "Porto, Bergen, Leeds, Ghent, Turin, Lyon, Kraków, Graz, Riga, Faro, Cork, Utrecht,"
             " Malmö, Vigo, Brno, Ulm, Dakar, Accra, Lima, Osaka, Austin, Halifax",
    "day": "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
    "month": "January, February, March, April, May, June, July, August, September, October,"
             " November, December",
    "season": "spring, summer, autumn, winter",
    "daytime": "morning, afternoon, evening",
    "relative": "sister, brother, mother, father, daughter, son, aunt, uncle, cousin, niece,"
                " nephew, grandmother, grandfather, wife, husband",
    "other": "neighbor, colleague, manager, landlord, teacher, friend, flatmate, doctor",
    "sport": "swimming, rowing, climbing, badminton, running, cycling, fencing, judo, yoga, skiing,"
             " archery, squash, sailing, boxing, rugby, skating",
    "instrument": "the piano, the violin, the cello, the flute, the guitar, the accordion,"
                  " the drums, the harp, the trumpet, the banjo, the clarinet",
    "language": "Portuguese, Welsh, Korean, Arabic, Finnish, Greek, Swahili, Polish, Turkish,"
                " Japanese, Dutch, Czech, Hindi, Irish",
    "job": "nurse, plumber, translator, baker, welder, teacher, accountant, florist, bus driver,"
           " surveyor, cook, librarian, dentist, electrician, tailor, editor, carpenter, chemist",
    "field": "geology, law, nursing, history, physics, music, botany, economics, archaeology,"
             " design, statistics, Spanish, medicine, film",
    "food": "rye bread, lentil soup, dumplings, plum cake, fish stew, pancakes, noodle salad,"
            " rice pudding, mushroom pie, flatbread, bean chili, apple tart, ginger biscuits",
    "drink": "tea, coffee, cocoa, cider, lemonade, ginger beer, mint tea, oat milk",
    "ingredient": "nuts, shellfish, milk, eggs, soy, sesame, wheat, celery, mustard",
    "animal": "dog, cat, rabbit, parrot, horse, tortoise, goat, hamster, canary",
    "flock": "hens, ducks, goats, sheep, bees, pigeons, quails",
    "plant": "tomatoes, roses, beans, leeks, dahlias, strawberries, chili peppers, tulips, herbs,"
             " orchids, pumpkins, rhubarb",
    "craft": "knitting, pottery, weaving, bookbinding, woodcarving, embroidery, calligraphy,"
             " felting, basketry, quilting, glassblowing, etching",
    "item": "a scarf, a cardigan, a bowl, a chair, a quilt, a model ship, a lampshade, a rug,"
            " a birdhouse, a bookshelf, a puppet, a guitar stand",
    "object": "kettle, tent, bicycle, printer, desk lamp, sewing machine, rucksack, microscope,"
              " raincoat, bookcase, camera, keyboard, ladder, drill, telescope, sofa",
    "broken": "the boiler, the washing machine, the kitchen window, the garden gate, the roof,"
              " the bathroom tap, the front door, the oven, the stairs, the shed",
    "room": "kitchen, bathroom, attic, garage, hallway, cellar, bedroom, study",
    "color": "green, blue, red, gray, yellow, white, orange, purple",
    "document": "the budget, the minutes, the contract, the survey, the grant report, the slides,"
                " the invoice, the timetable, the inventory, the press text, the lesson plan",
    "project": "the harbor project, the new website, the archive, the spring catalog, the bus app,"
               " the school play, the bridge survey, the museum guide, the payroll move,"
               " the river study, the tram timetable",
    "team": "billing, shipping, design, support, purchasing, research, quality, events, payroll",
    "tool": "Inkwell, Pebble, Dayboard, Leafnote, Wayleaf, Fanlight, Cobalt, Larder, Tallybook",
    "shop": "Thistle & Co, Marlow Outdoor, Kettle Lane, Bramble Books, Northlight, Tinsmith",
    "club": "the choir, the chess club, the allotment club, the book group, the film club,"
            " the rowing club, the orchestra, the camera club, the debating society, the scouts",
    "book": "The Salt Road, Winter Bees, A House of Maps, The Ninth Ferry, Small Engines,"
            " The Clay Piano, Letters to a Lighthouse, Under the Lime Trees",
    "music": "jazz, folk songs, opera, brass bands, techno, string quartets, old ballads, reggae",
    "film": "westerns, silent films, documentaries, comedies, crime series, cartoons",
    "vehicle": "a van, an old car, a motorbike, a cargo bike, a camper, a small boat",
    "commute": "by train, by bike, by bus, on foot, by ferry, by tram",
    "dwelling": "a one-bedroom flat, a houseboat, a shared house, a cottage, a studio, a farmhouse,"
                " a terraced house",
    "ailment": "migraines, hay fever, a bad knee, asthma, back pain, insomnia, a stiff shoulder",
    "exam": "the driving test, the chemistry exam, the first-aid course, the language exam,"
            " the sailing license, the bar exam, the entrance test",
    "visit": "the dentist, the optician, the vet, the hairdresser, the physiotherapist, the bank,"
             " the tax office",
    "errand": "ring the plumber, pay the rent, renew the passport, return the library books,"
              " buy stamps, order firewood, book the ferry, water the plants, collect the parcel,"
              " mend the bike, cancel the gym, update the will, clean the gutters, sharpen the saw",
    "event": "a concert, a wedding, a conference, a street party, a workshop, a reunion, a funeral,"
             " a marathon, an exhibition, a quiz night",
    "question": "how to prune an old pear tree, why a sourdough goes flat,"
                " cheap night trains north, how to fix a dripping tap, what size of tent for four,"
                " beginner chess openings, how long to boil beets, used cellos under 900,"
                " how to write a reference letter,"
                " quiet cafes with plugs, how to descale a kettle, visa rules for students",
    "unit": "pages, words, rows, kilometers, photos, lessons, chapters, letters",
    "habit": "write a diary, walk the dog, stretch, read the news, meditate, call home, swim,"
             " tidy the desk, plan the week, practice scales, bake bread, cut the grass",
    "length": "short, long, brief, detailed, plain, step-by-step",
    "praise": "lucky, clever, busy, thrifty, modern, hard-working",
}
# fmt: on
WORDS: Mapping[str, Sequence[str]] = {
    slot: tuple(word.strip() for word in words.split(",")) for slot, words in _LISTS.items()
}
INVENTED_SHARE = 0.3

_TRADES = ("Freight", "Paper", "Labs", "Foods", "Press", "Bank", "Rail")


class Slots(dict[str, str]):
    """Values for the slots of templates, each drawn when it is first asked for.

    ``{day}`` and ``{day2}`` are two slots of one kind and never have the same value.

    Args:
        rng: decides everything.
        name: of the user; no other person gets it.
    """

    def __init__(self, rng: random.Random, name: str) -> None:
        super().__init__(name=name)
        self._rng = rng

    def __missing__(self, slot: str) -> str:
        self[slot] = self._untaken(slot)
        return self[slot]

    def changed(self, slot: str) -> "Slots":
        """A copy in which this slot has another value."""
        other = Slots(self._rng, self["name"])
        other.update({**self, slot: self._untaken(slot)})
        return other

    def _untaken(self, slot: str) -> str:
        kind = _kind(slot)
        taken = {value for key, value in self.items() if _kind(key) == kind}
        if kind == "person":
            taken.add(self["name"])
        while (value := self._draw(kind)) in taken:
            pass
        return value

    def _draw(self, kind: str) -> str:
        rng = self._rng
        if kind == "person":
            return draw_name(rng)
        if kind == "number":
            return str(rng.randint(2, 14))
        if kind == "many":
            return str(rng.choice((20, 30, 40, 60, 75, 90, 120, 150, 250, 400, 900, 1200)))
        if kind == "time":
            return f"{rng.randint(6, 21)}:{rng.choice(('00', '15', '30', '45'))}"
        if kind == "date":
            return f"{rng.randint(1, 28)} {rng.choice(WORDS['month'])}"
        if kind == "year":
            return str(rng.randint(1998, 2026))
        if kind == "company":
            return f"{invented_name(rng)} {rng.choice(_TRADES)}"
        if kind == "place" and rng.random() < INVENTED_SHARE:
            return invented_name(rng)
        return rng.choice(WORDS[kind])


def draw_name(rng: random.Random) -> str:
    """A person's first name: a common or an invented one."""
    return invented_name(rng) if rng.random() < INVENTED_SHARE else rng.choice(NAMES)


def _kind(slot: str) -> str:
    return slot.rstrip("0123456789")
