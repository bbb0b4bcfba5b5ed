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
    "head .. hit|bumped|banged|struck|bleed*|blood|gash*|cracked|open",
    "fell|fall|fallen|landed|dropped ... head",
    "blow .. head",
    "concussion",
)
INHALER_NOT_HELPING = (
    "inhaler|puffer .. isnt|not|doesnt|stopped|wont help*|work*",
    "inhaler|puffer .. no help|relief|effect",
    "inhaler|puffer .. not|doesnt|isnt|never|wont ... anything|nothing|enough|much|difference|longer",
    "inhaler|puffer .. nothing|useless|empty|failing|fails",
)
SHORT_OF_BREATH = ("short|shortness of breath", "out of breath", "breathless*", "trouble|difficulty|hard .. breath*")
VOMITING = ("vomit*", "throwing|threw|throw up", "puking|puke|puked")
WHEEZE = ("wheez*",)
CANNOT_KEEP_DOWN = (
    "cant|cannot|not|unable|hardly|barely .. keep|keeping|hold .. down|in",
    "nothing|not|doesnt .. stays|stay|staying .. down|in",
    "everything|anything|all .. comes|coming|goes .. up|out",
)
