"""How people tell in English that they think of harming themselves or of dying; nothing of it can be denied or past."""

from service_chat.rule import Patterns

NOT = "dont|not|never|longer|doesnt|didnt|cant|cannot|wouldnt|wont|nor"
NO = "no|not|any|isnt|see|without|dont"
END = "end|ending|ended|take|taking|took|taken"
SELF = "myself|himself|herself|themselves|themself|ourselves"

# Whoever sleeps badly speaks of waking too.
AWAKE = "!at|during|early|in|so|every|before|with|for|tired|feeling|until|all|several"
THINKING = "think*|thought*|imagin*|pictur*|fantasi*|dream*|consider*|keep|tempted|want|wanting|plan|planning"
HARM = "kill*|hurt*|harm*|smother*|drown*|strangl*|stab*"
LOVED = "baby|child|children|kid|kids|son|daughter|wife|husband|family"
ACT = "jump*|driv*|walk*|step*|throw*|steer*|swerv*|fall*|crash*|lying|run|running"
DEADLY = "bridge|cliff|train|tracks|traffic|truck|bus|lorry|car|roof|rooftop|building|balcony|road|ledge|tower|pier"

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
    "rope|noose|gun|pistol|razor|blade|blades|pills|tablets|meds .. ready|bought|loaded|saved|stockpil*|lined|hoard*",
    "stockpil*|hoard*|stash*|lined .. pills|tablets|meds|medication",
    "saved|saving|save up .. pills|tablets|meds|medication",
    "have|got|bought|found|tied .. rope|noose|gun|razor|blades",
    "wrote|writing|written|left|leave .. letters|note|notes .. everyone|goodbye|family|parents|kids",
    "pills|rope|gun ... i|and wrote|written .. letter|letters|note|notes",
    "painless|painful|easiest|quickest|fastest|easy|quick .. way|ways .. go|die|end|dying",
    f"hurting|harm|harming|cutting|cut|burning|hurt {SELF}",
    f"want|wanting|wants|might|thinking|thoughts|urge|going|gonna|plan .. hurt|cut|harm|kill {SELF}",
    f"{END} .. my|his|her|their|own .. life",
    "end|ending it all",
    "end|ending it tonight|now|today",
    "end|ending|finish .. everything|existence|suffering",
    "stop .. existing|suffering",
    "think*|thought*|want|wanna|going|gonna|plan*|consider*|ready .. end|ending things|it !with",
    "sui thoughts|thought|ideation|attempt|plan|plans",
    "su|s cide|icide|uicide",
    "sewerslide|toaster bath",
    "want|wanna|wants|wanting|wish|ready|rather|hope|hoping|deserve|prefer|like|love .. die|dead",
    "better off|if .. dead",
    "better off without .. me",
    "better if|when .. gone|dead",
    "better|easier|happier|simpler|best if|when .. i|im|me .. gone|dead|disappear*|vanish*|died",
    "easier|happier|simpler without me",
    "better|easier|happier|simpler|best if|when .. wasnt|werent|not|never .. here|around|alive|born|exist*",
    "burden .. easier|better|gone|dead|without|disappear*|happier",
    f"{NO} .. reason|point|sense|use|purpose|will .. live|living|alive|existing",
    f"{NO} .. reason|point|sense|use|purpose .. go|going|carrying|carry on",
    "life .. not|isnt|no|nothing|hardly .. worth",
    "not|isnt|nothing .. worth .. living|live|life",
    "nothing .. live for",
    f"{NOT} .. go|going|carry|keep .. on .. anymore|longer|living|like",
    "cant|cannot .. take|do|face .. it|this|life|living .. anymore|longer",
    "take|need|enough|how ... to kill|die",
    "how|much|many ... kill me",
    "much|many|maximum|max|number|amount ... lethal|fatal|deadly",
    f"much|many|enough|pills|tablets ... not|never|dont|wont wake|waking up {AWAKE}",
    "much|many|enough|pills|tablets ... never .. wake|waking",
    f"want|wanna|wish|like|hope|could|would|ready|rather ... sleep|asleep ... never|not|dont .. wake|waking up {AWAKE}",
    "want|wanna|wish|like|hope|could|would|ready|rather ... sleep|asleep ... never .. wake|waking",
    "want|wanna|wish|hope|hoping|rather ... never wake|waking",
    "want|wanna|wish|like|ready|rather .. sleep forever",
    "lethal|fatal|deadly .. dose|amount|overdose",
    "self harm*",
    "selfharm*",
    "jump|jumping .. bridge|roof|train|window|building|cliff",
    f"{THINKING} ... {ACT} .. front|off|under .. {DEADLY}",
    f"{THINKING} ... {ACT} .. into .. traffic|tree|oncoming|river|sea|lake|train|wall",
    f"urge|urges|impulse|intrusive|voices ... {ACT} .. front|off|under|into",
    "voices|voice ... kill*|hurt*|harm*|die|jump|stab*|burn",
    f"urge|urges|impulse|intrusive|voices ... {HARM} .. {LOVED}",
    f"thought|thoughts of|about .. {HARM} .. {LOVED}",
    f"want|wanna|might|gonna|going|afraid|scared .. kill|smother|drown|strangle|stab .. {LOVED}",
    "goodbye .. everyone|forever|world|life|thanks|thank",
    "dont|cant|cannot|not .. see|imagine|have a|any|my|no future !appointment|appointments|visit|visits|date|dates",
    "want|wanna|wish .. it|everything .. stop|end|over .. forever|good",
    "nobody|noone|none|no|who .. miss|care|notice ... gone|dead|died|die|disappear*|here",
    "nobody|noone|who .. miss me",
    "no one .. miss me",
    "how|ways|way|methods .. die|dying|kill",
    "balcony|ledge|bridge|rooftop|cliff|tracks|railing ... jump*|go|let*|fall*|over|end|step*",
    "letting|let go .. life|everything|forever",
)
