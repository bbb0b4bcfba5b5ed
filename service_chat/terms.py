"""Words that mean the same in the tables of signs."""

CHEST = "chest|breastbone|sternum|ribcage|ribs|breast|torso"
SORE = (
    "pain*|pressure|tight*|crush*|squeez*|hurt*|ach|ache|aches|aching|achy|heavy|heaviness|heavily|weight"
    "|burning|stabbing|exploding|vice|vise|elephant|discomfort|constrict*|agony|clutch*|grab|grabs"
    "|grabbed|grabbing|clench*|grip*|wrapped|iron|steel|concrete|brick|bricks|spasm*|killing|band|belt"
    "|rope|standing|sitting|stepping|parked|truck|lorry|boulder|anvil|sharp|knife|knives|needles|ripping|tearing"
)
FACE = "face|mouth|smile|eyelid|cheek"
LIMB = "arm|leg|hand|foot|side|half|body|limbs|arms|legs"
LIMP = "numb*|weak|weaker|weakness|paraly*|droop*|limp|dead|useless|tingling|tingly|heavy"
THROAT = "throat|tongue|airway"
SHUT = "clos*|swell*|swollen|tight*|shut*|thick*|blocked"
CLOSING = "throat|tongue|voice|hoarse|swallow*|itch*|hives|wheez*|breath*"
BREATHE = "breathe|breath|breathing|inhale"
AIR = "air|breath*|oxygen"
BARELY = "barely|hardly|scarcely"
BLOOD = "bleed*|blood|haemorrhag*|hemorrhag*"
MUCH = "heav*|profuse*|gush*|spurt*|pouring|everywhere|soak*|squirt*|uncontroll*|massive*|clots|pumping"
SOMEONE = (
    "he|hes|she|shes|they|theyre|him|her|cousin|uncle|aunt|roommate|colleague|husband|wife|mother|mom|mum"
    "|father|dad|son|daughter|child|baby|toddler|kid|partner|friend|neighbour|neighbor|brother|sister"
    "|grandma|grandmother|grandpa|grandfather|man|woman|someone|somebody|person|teenager|teen|boy|girl|guy|lady"
    "|coworker|flatmate|grandson|granddaughter|niece|nephew|boyfriend|girlfriend|passenger|stranger"
)
CHILD = (
    "toddler|toddlers|baby|infant|kid|kids|child|children|son|daughter|grandson|granddaughter|grandchild|grandkid"
    "|niece|nephew|boy|girl|twins"
)
VEHICLE = "car|truck|bus|van|lorry|motorbike|motorcycle|train|tram|vehicle|taxi|suv|bike"
SIGHT = "vision|sight|flashing|flashes|spots|blurr*|zigzag|stars"
MEDICINES = (
    "pills|tablets|capsules|meds|medication|medicine|dose*|paracetamol|acetaminophen|tylenol|insulin"
    "|sertraline|xanax|painkillers|opioids|oxycodone|fentanyl"
)
PILLS = f"{MEDICINES}|sleeping|week"
# What else is swallowed that was meant for somebody else; `PILLS` go with drink too, these do not.
DOSES = f"{MEDICINES}|#drug|pill|tablet|capsule|vitamin*|gummies|drugs"
SWALLOWED = "swallowed|ate|eaten|eating|eats|drank|drunk|drinking|chewed|chewing|gulped|sucked|ingested|downed"
# Whose they are tells that they were not meant for the child.
NOT_THEIRS = (
    "my|our|grandmas|grandpas|grandads|grandmothers|grandfathers|grannys|grans|nans|mums|moms|dads|mothers|fathers|wifes|husbands|sisters"
    "|brothers|dogs|someones|wrong"
)
POISONS = "bleach|cleaner|detergent|battery|antifreeze|acid|pesticide|petrol|gasoline|turpentine|ammonia"
