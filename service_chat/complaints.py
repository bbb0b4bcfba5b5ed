"""How people say what more than one table listens for."""

BLACK_STOOL = ("black|tarry .. stool|stools|poop|poo|bowel", "stool|stools|poop|poo .. black|tarry")
BLEEDING = (
    "bleed|bleeding|bleeds|bled",
    "blood .. urine|stool|stools|pee|nose|gums",
    "nosebleed|nosebleeds",
    "spotting",
)
CONFUSION = (
    "confus*|disoriented|drowsy|sleepy",
    "talk*|speak* .. rubbish|nonsense|gibberish|garbage|slur*|odd*|strange*",
    "passed|blacked|passing out",
    "vomit*|puking|puked",
    "throwing|throws|threw up",
    "seizure*|convuls*",
)
HEAD_INJURY = (
    "hit|bump*|bang*|struck|knock*|bash*|hurt|cracked|smack* .. head|skull",
    "head injury|injuries|trauma|wound",
    "head .. hit|bumped|banged|struck|bleed*|blood|gash*|cracked|open",
    "fell|fall|fallen|landed|dropped|tumbled ... head|skull",
    "blow .. head",
    "concussion",
)
INHALER_NOT_HELPING = (
    "inhaler|puffer .. isnt|not|doesnt|stopped|wont help*|work*",
    "inhaler|puffer .. no help|relief|effect",
    "inhaler|puffer .. not|doesnt|isnt|never|wont ... anything|nothing|enough|much|difference|longer",
    "inhaler|puffer .. nothing|useless|empty|failing|fails",
)
SHORT_OF_BREATH = (
    "short|shortness of breath",
    "sob !story|stories|at|when|every",
    "out of breath",
    "breathless*",
    "trouble|difficulty|hard .. breath*",
)
VOMITING = ("vomit*", "throwing|threw|throw up", "puking|puke|puked")
WHEEZE = ("wheez*",)
CANNOT_KEEP_DOWN = (
    "cant|cannot|not|unable|hardly|barely .. keep|keeping|hold .. down|in",
    "nothing|not|doesnt .. stays|stay|staying .. down|in",
    "everything|anything|all .. comes|coming|goes .. up|out",
)
