"""How people say what more than one table listens for."""

BLACK_STOOL = ("black|tarry .. stool|stools|poop|poo|bowel", "stool|stools|poop|poo .. black|tarry")
BLEEDING = (
    "bleed|bleeding|bleeds|bled",
    "blood .. urine|stool|stools|pee|nose|gums",
    "nosebleed|nosebleeds",
    "spotting",
)
CONFUSION = ("confused|confusion|disoriented", "passed|blacked|passing out", "vomit*|throwing up", "seizure*|convuls*")
HEAD_INJURY = (
    "hit|bump*|bang*|struck|knock*|bash*|hurt|cracked|smack* .. head",
    "head injury|injuries|trauma|wound",
    "head .. hit|bumped|banged|struck",
    "fell|fall|landed .. head",
    "blow .. head",
    "concussion",
)
INHALER_NOT_HELPING = (
    "inhaler|puffer .. isnt|not|doesnt|stopped|wont help*|work*",
    "inhaler|puffer .. no help|relief|effect",
)
SHORT_OF_BREATH = ("short|shortness of breath", "out of breath", "breathless*", "trouble|difficulty|hard .. breath*")
VOMITING = ("vomit*", "throwing|threw|throw up", "puking|puke|puked")
WHEEZE = ("wheez*",)
CANNOT_KEEP_DOWN = ("cant|cannot|not|unable .. keep .. down", "nothing stays down")
