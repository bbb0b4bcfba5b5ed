"""The words of alarm whose misspellings are heard, and the common words next to them that mean themselves."""

WORDS = frozenset(
    (
        *("advil", "aleve", "alive", "allergic", "ambulance", "amoxicillin", "amoxil", "ampicillin", "anaphylactic"),
        *("anaphylaxis", "anymore", "apixaban", "aspirin", "attack", "attacks", "augmentin", "bactrim", "bewusstlos"),
        *("bleach", "bleed", "bleeding", "blind", "blood", "blue", "bottle", "breastbone", "breath", "breathe"),
        *("breathing", "breathless", "brustschmerzen", "cannot", "cant", "celecoxib", "chest", "choked", "choking"),
        *("closing", "collapse", "collapsed", "consciousness", "convulsing", "convulsion", "convulsions", "coughing"),
        *("crooked", "crushing", "dead", "diclofenac", "dolor", "dont", "douleur", "droop", "drooped", "drooping"),
        *("dying", "eliquis", "emergency", "face", "fainted", "fainting", "fever", "gasping", "harming", "headache"),
        *("heart", "heavily", "heaviness", "herzinfarkt", "hurting", "hurts", "ibuprofen", "inconsciente", "infarto"),
        *("inhaler", "kill", "killing", "lips", "live", "living", "meloxicam", "morir", "motrin", "mourir", "myself"),
        *("naproxen", "neck", "numb", "numbness", "overdose", "overdosed", "pain", "painful", "pains", "paralysed"),
        *("paralyzed", "passed", "pecho", "penicillin", "pills", "poison", "poisoned", "poisoning", "poitrine"),
        *("pregnant", "pressure", "respirar", "respirer", "rivaroxaban", "schlaganfall", "seizure"),
        *("seizures", "septra", "slur", "slurred", "slurring", "sobredosis", "speech", "spurting", "squeezing"),
        *("sterben", "stiff", "stopped", "stroke", "suffocate", "suffocating", "suicidal", "suicide", "sulfa"),
        *("sulfamethoxazole", "sulfasalazine", "swallowed", "swelling", "swollen", "tablets", "throat"),
        *("thunderclap", "tightness", "tongue", "unconscious", "unresponsive", "vision", "vomit", "vomiting", "wake"),
        *("wanna", "want", "warfarin", "weakness", "wheeze", "wheezing", "xarelto"),
    )
)

# A word that is common in English and as near to one of the above as a slip of the pen.
NEIGHBOURS = frozenset(
    (
        *("alice", "alike", "allergies", "anvil", "aspiring", "attach", "augmented", "awake", "battle", "beach"),
        *("bind", "bland", "bleaching", "bleep", "blend", "blending", "blessing", "bleu", "blinding", "blinds"),
        *("bling", "blink", "blond", "bloom", "blues", "blur", "bottled", "bottleneck", "breach", "breaching"),
        *("breadth", "breaking", "breather", "breed", "breeding", "brood", "cane", "cannon", "cans", "capt", "cart"),
        *("cast", "cent", "chant", "cheat", "chess", "chet", "clashing", "cloning", "coaching", "compulsion"),
        *("conclusion", "conclusions", "concussions", "confusing", "confusion", "consulting", "cont", "conversing"),
        *("conversion", "conversions", "cooked", "cooking", "counting", "coupling", "courting", "crashing", "crest"),
        *("crossing", "crouching", "cruising", "crunching", "cunt", "cushing", "deaf", "deal", "dean", "dear"),
        *("deed", "dent", "ding", "doing", "dona", "done", "dong", "donor", "dons", "donut", "door", "dost", "dread"),
        *("dripping", "drool", "drooling", "drop", "dropped", "dropping", "drowning", "drying", "dyeing"),
        *("emergence", "emergent", "faced", "facet", "fact", "fade", "fake", "fame", "farce", "fare", "fate", "fave"),
        *("faye", "faze", "fewer", "flirting", "fronting", "gaping", "grasping", "harding", "hear", "heard", "hears"),
        *("hearst", "heartache", "hearth", "hearty", "heat", "heaviest", "hunting", "hunts", "hurling", "hurst"),
        *("hurt", "huts", "kiln", "kilo", "kipling", "laps", "libs", "lice", "lids", "lies", "life", "like"),
        *("liking", "lime", "line", "lining", "lisp", "lite", "lived", "liver", "lives", "livin", "love", "loving"),
        *("mori", "nick", "overcome", "overjoyed", "paid", "paine", "paint", "paints", "pair", "pairs", "palin"),
        *("pans", "passer", "passes", "pasted", "paused", "pawn", "pawns", "piles", "pins", "pissed", "plain"),
        *("plains", "pleasure", "poignant", "polls", "pressures", "prison", "prisoner", "pulls", "scarring"),
        *("selling", "shelling", "shilling", "shopped", "shutting", "slug", "slum", "slurs", "slut", "smelling"),
        *("sneezing", "sniff", "snorting", "sour", "sourcing", "sparking", "sparring", "spelling", "spilling"),
        *("spitting", "sporting", "spotting", "spur", "spurred", "staff", "stalling", "starring", "starting"),
        *("stealing", "stepped", "sterling", "stirring", "stoke", "stomped", "stopper", "strike", "stuff"),
        *("swearing", "sweating", "sweeping", "swirling", "tables", "threat", "visiting", "wade", "wage", "wait"),
        *("wakes", "walt", "wand", "wanda", "wang", "wank", "wants", "ware", "wasnt", "watt", "wave", "weaknesses"),
        *("wellness", "went", "wheeling", "woke", "wont"),
    )
)

# As typed in a hurry, too short to be told by its letters.
SHORTHAND = {
    "cnt": "cant",
    "cnat": "cant",
    "cnnt": "cannot",
    "wnt": "wont",
    "dnt": "dont",
    "brth": "breath",
    "brthe": "breathe",
    "bld": "blood",
    "uncon": "unconscious",
    "oded": "overdosed",
}
