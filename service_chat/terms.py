"""Words that mean the same in the tables of signs."""

CHEST = "chest|breastbone|sternum|ribcage|ribs|breast|torso"
SORE = (
    "pain*|pressure|tight*|crush*|squeez*|hurt*|ach|ache|aches|aching|achy|heavy|heaviness|heavily|weight"
    "|burning|stabbing|exploding|vice|vise|elephant|discomfort|constrict*|agony|clutch*|grab|grabs"
    "|grabbed|grabbing|clench*|grip*|wrapped|iron|steel|concrete|brick|bricks|spasm*|killing|band|belt"
    "|rope|standing|sitting|stepping|sharp|knife|knives|needles|ripping|tearing"
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
    "|grandma|grandmother|grandpa|grandfather|man|woman|someone|somebody|person"
)
PILLS = (
    "pills|tablets|capsules|meds|medication|medicine|dose*|paracetamol|acetaminophen|tylenol|insulin"
    "|sertraline|xanax|sleeping|painkillers|opioids|oxycodone|fentanyl|week"
)
POISONS = "bleach|cleaner|detergent|battery|antifreeze|acid|pesticide|petrol|gasoline|turpentine|ammonia"
