"""Demo people. Their passwords are made when they are seeded and appear in no file of the repository.

The admin has the phone of the printed login sample; customer CST000210 with car 88 and mechanic MEC000034 are the ones
of the printed booking and progress samples.
"""

# id, first name, last name, phone
ADMIN = ("ADM000001", "Meera", "Kulkarni", "9841385379")

# id, first name, last name, phone, born, fetches and brings, analyses, categories (by name)
_ENGINE_ROOM = ("Periodic Service", "Engine", "Fuel and Emission", "Battery and Electrical", "Diagnostics")
_RUNNING_GEAR = ("Brakes", "Clutch and Transmission", "Suspension and Steering", "Tyres and Wheels", "Diagnostics")
_COMFORT = ("Air Conditioning", "Battery and Electrical", "Electric and Hybrid", "Diagnostics", "Roadside Help")
_LOOKS = ("Body and Paint", "Cleaning and Detailing", "Glass and Lights", "Tyres and Wheels", "Roadside Help")
_EVERYTHING = tuple(dict.fromkeys(_ENGINE_ROOM + _RUNNING_GEAR + _COMFORT + _LOOKS))
MECHANICS = (
    ("MEC000031", "Ravi", "Deshmukh", "9000010031", "1986-03-14", True, True, _EVERYTHING),
    ("MEC000032", "Sunil", "Pawar", "9000010032", "1990-11-02", False, True, _ENGINE_ROOM),
    ("MEC000033", "Farhan", "Shaikh", "9000010033", "1992-07-21", True, False, _RUNNING_GEAR),
    ("MEC000034", "Anita", "Jadhav", "9000010034", "1988-01-30", True, True, _COMFORT + _RUNNING_GEAR[:2]),
    ("MEC000035", "Joseph", "D'Souza", "9000010035", "1983-09-09", False, True, _COMFORT + _ENGINE_ROOM[:3]),
    ("MEC000036", "Kiran", "Gaikwad", "9000010036", "1995-05-17", True, False, _LOOKS),
    ("MEC000037", "Lakshmi", "Nair", "9000010037", "1991-12-05", False, False, _LOOKS + _RUNNING_GEAR[2:3]),
)

# id, first name, last name, phone, address (label, line 1, line 2, area), cars ((id, plate, maker, model, fuel), ...)
CUSTOMERS = (
    (
        "CST000210", "Asha", "Rao", "9000020210", ("Home", "Flat 12, Sai Residency", "Paud Road", "Kothrud"),
        ((88, "TN01AB1234", "Hyundai", "i20", "Petrol"), (89, "MH12QT4410", "Tata", "Nexon EV", "Electric")),
    ),
    (
        "CST000211", "Vikram", "Joshi", "9000020211", ("Home", "7 Lane 5", "Near the water tank", "Koregaon Park"),
        ((90, "MH12KL0077", "Honda", "City", "Petrol"), (91, "MH14HB8201", "Mahindra", "XUV700", "Diesel")),
    ),
    (
        "CST000212", "Priya", "Menon", "9000020212", ("Home", "B-404, Green Acres", "DP Road", "Aundh"),
        ((92, "MH12RN5512", "Maruti Suzuki", "Swift", "CNG"), (93, "MH12SD9034", "Kia", "Seltos", "Diesel")),
    ),
    (
        "CST000213", "Imran", "Qureshi", "9000020213", ("Office", "3rd floor, Tower C", "EON Road", "Kharadi"),
        ((94, "MH12TV2290", "Toyota", "Innova Crysta", "Diesel"), (95, "MH12PX6118", "Volkswagen", "Polo", "Petrol")),
    ),
    (
        "CST000214", "Neha", "Bhosale", "9000020214", ("Home", "Row house 9", "Baner-Pashan Link Road", "Baner"),
        ((96, "MH12UY3307", "Hyundai", "Creta", "Diesel"), (97, "MH12GM7745", "Tata", "Tiago", "Petrol")),
    ),
    (
        "CST000215", "Thomas", "Fernandes", "9000020215", ("Home", "21 Salunke Vihar Road", None, "Kondhwa"),
        ((98, "MH12WE1183", "Skoda", "Slavia", "Petrol"), (99, "GA07C4521", "Renault", "Kwid", "Petrol")),
    ),
    (
        "CST000216", "Divya", "Shetty", "9000020216", ("Home", "C-1102, Sunshine Court", "Datta Mandir Road", "Wakad"),
        ((100, "MH14JK6620", "Honda", "City e:HEV", "Hybrid"), (101, "KA19MD0456", "Renault", "Triber", "Petrol")),
    ),
    (
        "CST000217", "Harpreet", "Singh", "9000020217", ("Home", "Bungalow 4", "North Main Road", "Kalyani Nagar"),
        ((102, "MH12XA0009", "BMW", "3 Series", "Petrol"), (103, "PB10GK3141", "Toyota", "Fortuner", "Diesel")),
    ),
)  # fmt: skip
