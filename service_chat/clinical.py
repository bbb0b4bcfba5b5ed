"""
Which drugs and conditions belong together, as far as the demonstration needs it.

A drug goes by its common names; a condition by the first characters of its
ICD-10 code. Nothing here is medical guidance.
"""

DRUGS: dict[str, frozenset[str]] = {
    "anticoagulant": frozenset(
        {"apixaban", "eliquis", "dabigatran", "edoxaban", "enoxaparin", "heparin", "rivaroxaban", "warfarin", "xarelto"}
    ),
    "anti-inflammatory": frozenset(
        {
            "advil", "aleve", "aspirin", "celecoxib", "diclofenac", "ibuprofen", "indomethacin", "ketorolac",
            "meloxicam", "motrin", "naproxen", "nsaid", "nsaids", "nurofen", "voltaren",
        }
    ),
    "penicillin": frozenset(
        {"amoxicillin", "amoxil", "ampicillin", "augmentin", "dicloxacillin", "penicillin", "piperacillin"}
    ),
    "statin": frozenset({"atorvastatin", "lipitor", "lovastatin", "pravastatin", "rosuvastatin", "simvastatin"}),
    "sulfa": frozenset(
        {"bactrim", "septra", "sulfa", "sulfadiazine", "sulfamethoxazole", "sulfasalazine", "sulfonamide"}
    ),
}  # fmt: skip

CONDITIONS: dict[str, tuple[str, ...]] = {
    "asthma or chronic lung disease": ("J44", "J45"),
    "diabetes": ("E08", "E09", "E10", "E11", "E13"),
    "kidney disease": ("N17", "N18", "N19"),
    "pregnancy": ("O", "Z33", "Z34"),
}

# How a family is called in an answer.
FAMILY_NAMES = {
    "anticoagulant": "a blood thinner",
    "anti-inflammatory": "an anti-inflammatory painkiller",
    "penicillin": "of the penicillin family",
    "statin": "a statin",
    "sulfa": "of the sulfa family",
}


def family(name: str) -> str | None:
    """Return the family that the drug NAME, in lower case and without strength, belongs to."""
    return next((each for each, names in DRUGS.items() if name in names), None)


def group(code: str) -> str | None:
    """Return the group of conditions that an ICD-10 CODE belongs to."""
    return next((each for each, starts in CONDITIONS.items() if code.startswith(starts)), None)
