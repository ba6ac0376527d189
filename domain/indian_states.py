"""The States and Union territories with their GST codes, and where a pincode lies.

A pincode belongs to a post office, not to a State, and a few offices deliver across a border. The longest prefix
decides, which is right for all but some villages on such borders.
"""

STATES = {
    "01": "Jammu and Kashmir",
    "02": "Himachal Pradesh",
    "03": "Punjab",
    "04": "Chandigarh",
    "05": "Uttarakhand",
    "06": "Haryana",
    "07": "Delhi",
    "08": "Rajasthan",
    "09": "Uttar Pradesh",
    "10": "Bihar",
    "11": "Sikkim",
    "12": "Arunachal Pradesh",
    "13": "Nagaland",
    "14": "Manipur",
    "15": "Mizoram",
    "16": "Tripura",
    "17": "Meghalaya",
    "18": "Assam",
    "19": "West Bengal",
    "20": "Jharkhand",
    "21": "Odisha",
    "22": "Chhattisgarh",
    "23": "Madhya Pradesh",
    "24": "Gujarat",
    "26": "Dadra and Nagar Haveli and Daman and Diu",
    "27": "Maharashtra",
    "29": "Karnataka",
    "30": "Goa",
    "31": "Lakshadweep",
    "32": "Kerala",
    "33": "Tamil Nadu",
    "34": "Puducherry",
    "35": "Andaman and Nicobar Islands",
    "36": "Telangana",
    "37": "Andhra Pradesh",
    "38": "Ladakh",
    "97": "Other Territory",
}

_PINCODES = {
    "01": "18 19",
    "02": "17",
    "03": "14 15 16",
    "04": "160",
    "05": "2461 2464 246 2476 248 24471 249 2623 2624 2625 263",
    "06": "12 13",
    "07": "11",
    "08": "30 31 32 33 34",
    "09": "20 21 22 23 24 2467 25 26 27 28",
    "10": "80 81 82 84 85",
    "11": "737",
    "12": "790 791 792",
    "13": "797 798",
    "14": "795",
    "15": "796",
    "16": "799",
    "17": "793 794",
    "18": "78",
    "19": "70 71 72 73 74",
    "20": "814 815 816 822 825 826 827 828 829 83",
    "21": "75 76 77",
    "22": "49",
    "23": "45 46 47 48",
    "24": "36 37 38 39",
    "26": "362520 362540 396210 396220 396230 396235 396240",
    "27": "40 41 42 43 44",
    "29": "56 57 58 59",
    "30": "403",
    "31": "68255",
    "32": "67 68 69",
    "33": "60 61 62 63 64",
    "34": "533464 6050 60960 673310",
    "35": "744",
    "36": "50",
    "37": "51 52 53",
    "38": "194",
}
_BY_PREFIX = {prefix: code for code, prefixes in _PINCODES.items() for prefix in prefixes.split()}
_BY_NAME = {name.casefold(): code for code, name in STATES.items()}


def state_of_pincode(pincode: str | None) -> str | None:
    """The GST code of the State in which a pincode lies; None for none, and for the army's post offices."""
    for length in range(6, 1, -1):
        if pincode and len(pincode) == 6 and (code := _BY_PREFIX.get(pincode[:length])):
            return code
    return None


def code_of_state(name: str) -> str | None:
    """The GST code of a State by its name, however it is capitalised."""
    return _BY_NAME.get(" ".join(name.split()).casefold())


def place_of_supply(gstin: str | None, pincode: str | None, supplier: str) -> str:
    """Whose tax it is: a registered customer's State, else that of the address on record, else the supplier's."""
    return gstin[:2] if gstin else state_of_pincode(pincode) or supplier


def state_named(code: str) -> str:
    """As a document shows it: ``"Maharashtra (27)"``."""
    return f"{STATES[code]} ({code})" if code in STATES else code
