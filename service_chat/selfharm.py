"""How people tell in English that they think of harming themselves or of dying; nothing of it can be denied or past."""

from service_chat.rule import Patterns

NOT = "dont|not|never|longer|doesnt|didnt|cant|cannot|wouldnt|wont|nor"
NO = "no|not|any|isnt|see|without|dont"
END = "end|ending|ended|take|taking|took|taken"
SELF = "myself|himself|herself|themselves|themself|ourselves"

SELF_HARM: Patterns = (
    f"{NOT} .. want|wanna|wish|care .. live|living|alive|exist|existing",
    f"{NOT} .. want|wanna|wish .. be here|around",
    f"{NOT} .. want|wanna|wish|hope .. wake up",
    "wish|hope|hoping|want|rather .. not|wont|wouldnt|never|didnt|dont|hadnt .. wake|born|exist|existed",
    "suicid*",
    f"kill|killing|kills|hang|hanging|shoot|shooting|drown|drowning .. {SELF}",
    "hate|hating|tired|sick|done .. alive|living|existing",
    "no point .. any|anything|this|it !form|bill",
    "i|just want out",
    "kms|unalive",
    "off|offing|unalive myself|himself|herself",
    "rope|noose|gun|pistol|razor|blade|blades|pills .. ready|bought|loaded|saved|stockpil*",
    "have|got|bought|found|tied .. rope|noose|gun|razor|blades",
    "wrote|writing|written|left|leave .. letters|note|notes .. everyone|goodbye|family|parents|kids",
    "painless|painful|easiest|quickest|fastest|easy|quick .. way|ways .. go|die|end|dying",
    f"hurting|harm|harming|cutting|cut|burning|hurt {SELF}",
    f"want|wanting|wants|might|thinking|thoughts|urge|going|gonna|plan .. hurt|cut|harm|kill {SELF}",
    f"{END} .. my|his|her|their|own .. life",
    "end|ending it all",
    "end|ending it tonight|now|today",
    "end|ending|finish .. everything|existence|suffering",
    "stop .. existing|suffering",
    "want|wanna|wants|wanting|wish|ready|rather|hope|hoping|deserve|prefer|like|love .. die|dead",
    "better off|if .. dead",
    "better off without .. me",
    "better if|when .. gone|dead",
    f"{NO} .. reason|point|sense|use|purpose|will .. live|living|alive|existing",
    f"{NO} .. reason|point|sense|use|purpose .. go|going|carrying|carry on",
    "life .. not|isnt|no|nothing|hardly .. worth",
    "not|isnt|nothing .. worth .. living|live|life",
    "nothing .. live for",
    f"{NOT} .. go|going|carry|keep .. on .. anymore|longer|living|like",
    "cant|cannot .. take|do|face .. it|this|life|living .. anymore|longer",
    "take|need|enough|how ... to kill|die",
    "how|much|many ... kill me",
    "lethal|fatal|deadly .. dose|amount|overdose",
    "self harm*",
    "selfharm*",
    "jump|jumping .. bridge|roof|train|window|building|cliff",
    "goodbye .. everyone|forever|world|life",
    "want|wanna|wish .. it|everything .. stop|end|over .. forever|good",
    "nobody|noone|none|no|who .. miss|care|notice ... gone|dead|died|die|disappear*|here",
    "nobody|noone|who .. miss me",
    "no one .. miss me",
    "how|ways|way|methods .. die|dying|kill",
    "balcony|ledge|bridge|rooftop|cliff|tracks|railing ... jump*|go|let*|fall*|over|end|step*",
    "letting|let go .. life|everything|forever",
)
