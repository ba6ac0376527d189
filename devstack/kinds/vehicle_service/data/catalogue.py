"""The catalogue: categories, and services with hours, difficulty, base price and what is done.

Service 45 is the one of the printed samples. A price is the base in rupees without GST; each class of car pays its
share of it.
"""

ANY = ("Petrol", "Diesel", "Electric", "Hybrid", "CNG")
BURNING = ("Petrol", "Diesel", "Hybrid", "CNG")
SPARK = ("Petrol", "Hybrid", "CNG")
DIESEL = ("Diesel",)
GAS = ("CNG",)
PLUGGED = ("Electric", "Hybrid")
VOLTS = ("Electric",)
GEARED = ("Petrol", "Diesel", "CNG")

SAC = "998714"  # maintenance and repair of transport machinery

CATEGORIES = (
    ("Periodic Service", "The regular look at everything, by distance or time."),
    ("Engine", "Oil, belts, mounts, and what makes it turn."),
    ("Fuel and Emission", "Injectors, filters, exhaust and the PUC certificate."),
    ("Battery and Electrical", "Starting, charging, wiring, windows."),
    ("Diagnostics", "Finding out before replacing."),
    ("Air Conditioning", "Cold air, clean air."),
    ("Electric and Hybrid", "High voltage, by people who are trained for it."),
    ("Roadside Help", "When it does not come to us by itself."),
    ("Tyres and Wheels", "Grip, balance and direction."),
    ("Suspension and Steering", "What keeps it straight and quiet."),
    ("Brakes", "What makes it stop."),
    ("Clutch and Transmission", "What brings power to the wheels."),
    ("Body and Paint", "Dents, scratches and rust."),
    ("Cleaning and Detailing", "Inside and outside."),
    ("Glass and Lights", "Seeing and being seen."),
)

# title, hours, difficulty, rupees, warranty km, warranty months, fuels, works
SERVICES = {
    "Periodic Service": (
        ("Basic service", 3, 2, 2499, 1000, 1, BURNING, ("Oil and filter", "Air filter cleaned", "25 points")),
        ("Standard service", 4.5, 2, 3999, 5000, 3, BURNING, ("Basic service", "Air filter", "Brakes cleaned", "Wash")),
        ("Comprehensive service", 6, 3, 5999, 10000, 6, BURNING, ("Standard service", "Cabin and fuel filter")),
        ("Electric car service", 3, 3, 2999, 5000, 3, VOLTS, ("Coolant", "Brake fluid", "Battery report")),
        ("Pre-delivery inspection", 1.5, 2, 999, 0, 0, ANY, ("60-point check", "Written report with photos")),
    ),
    "Engine": (
        ("Engine oil and filter", 1, 1, 1899, 5000, 3, BURNING, ("Oil drained", "Filter replaced", "Level checked")),
        ("Timing belt kit", 6, 5, 8500, 40000, 24, GEARED, ("Belt, tensioner, idler", "Timing checked")),
        ("Drive belt", 1.5, 3, 1650, 20000, 12, BURNING, ("Belt replaced", "Pulleys checked")),
        ("Engine mounts", 4, 4, 4800, 20000, 12, BURNING, ("Mounts replaced", "Vibration checked")),
        ("Cylinder head gasket", 16, 5, 14500, 20000, 12, BURNING, ("Head skimmed", "Gasket set", "Compression test")),
        ("Coolant flush", 1.5, 2, 1250, 20000, 12, BURNING, ("System flushed", "Coolant filled", "Air bled")),
    ),
    "Fuel and Emission": (
        ("Injector cleaning", 2, 3, 2400, 5000, 3, BURNING, ("Ultrasonic cleaning", "Spray pattern test")),
        ("Fuel filter", 1, 2, 1450, 10000, 6, ("Petrol", "Diesel"), ("Filter replaced", "Lines checked")),
        ("Particulate filter cleaning", 4, 4, 6500, 10000, 6, DIESEL, ("Forced regeneration", "Soot load report")),
        ("CNG kit check", 1.5, 3, 1100, 0, 0, GAS, ("Leak test", "Regulator set", "Cylinder date checked")),
    ),
    "Battery and Electrical": (
        ("Battery replacement", 0.5, 1, 5200, 0, 24, BURNING, ("12 V battery fitted", "Old one taken back")),
        ("Alternator repair", 3, 4, 3800, 10000, 6, BURNING, ("Brushes and bearings", "Charging test")),
        ("Starter motor repair", 2.5, 4, 3200, 10000, 6, BURNING, ("Solenoid and brushes", "Cranking test")),
        ("Power window repair", 2, 3, 1800, 0, 6, ANY, ("Motor or regulator", "Switches checked")),
        ("Wiring fault repair", 3, 4, 1900, 0, 3, ANY, ("Fault traced", "Harness mended", "Load test")),
    ),
    "Diagnostics": (
        ("Full electronic scan", 1, 2, 899, 0, 0, ANY, ("All control units read", "Report explained")),
        ("Engine diagnostics", 2, 4, 1499, 0, 0, BURNING, ("Live data on the road", "Compression", "Report")),
        ("Noise and vibration check", 1.5, 3, 999, 0, 0, ANY, ("Road test", "Lift check", "Report")),
    ),
    "Air Conditioning": (
        ("AC check and gas", 1.5, 2, 1799, 0, 3, ANY, ("Leak test", "Gas filled by weight", "Vent temperature")),
        ("Cabin filter", 0.5, 1, 650, 10000, 6, ANY, ("Filter replaced", "Box vacuumed")),
        ("AC condenser", 4, 4, 6800, 20000, 12, ANY, ("Condenser replaced", "System evacuated and filled")),
        ("AC compressor", 6, 5, 14800, 20000, 12, BURNING, ("Compressor replaced", "Lines flushed", "Gas filled")),
        ("Evaporator cleaning", 2, 3, 1950, 0, 3, ANY, ("Foam cleaning", "Drain cleared", "Disinfected")),
    ),
    "Electric and Hybrid": (
        ("Traction battery health report", 2, 4, 2499, 0, 0, PLUGGED, ("Cell balance", "Capacity estimate", "Report")),
        ("Charging port repair", 3, 4, 4200, 0, 6, VOLTS, ("Port and lock", "Earth test", "Test charge")),
        ("Battery coolant service", 2, 4, 3100, 20000, 12, PLUGGED, ("Coolant replaced", "Air bled", "Pump test")),
        ("High-voltage safety check", 1.5, 5, 1899, 0, 0, PLUGGED, ("Insulation test", "Interlocks", "Certificate")),
    ),
    "Roadside Help": (
        ("Jump start", 0.5, 1, 600, 0, 0, BURNING, ("Start on the spot", "Charging check")),
        ("Flat tyre on the road", 0.5, 1, 500, 0, 0, ANY, ("Spare fitted or puncture plugged",)),
        ("Towing within the city", 1.5, 2, 1800, 0, 0, ANY, ("Flatbed", "Photos before and after")),
    ),
    "Tyres and Wheels": (
        ("Wheel alignment", 0.75, 2, 700, 5000, 0, ANY, ("Four-wheel laser alignment", "Print-out")),
        ("Wheel balancing", 0.75, 1, 600, 5000, 0, ANY, ("Four wheels", "Weights included")),
        ("Tyre rotation", 0.5, 1, 350, 0, 0, ANY, ("Five-wheel rotation", "Pressure", "Tread depth noted")),
        ("Tyre replacement, one", 0.5, 1, 4900, 0, 36, ANY, ("Tyre, valve, balancing", "Old one disposed of")),
        ("Puncture repair", 0.5, 1, 250, 0, 1, ANY, ("Mushroom plug", "Leak test")),
    ),
    "Suspension and Steering": (
        ("Shock absorbers, front pair", 3, 4, 6200, 20000, 12, ANY, ("Both sides", "Bump stops", "Alignment check")),
        ("Suspension bushes", 4, 4, 3600, 20000, 12, ANY, ("Arm bushes pressed", "Torque on the wheels")),
        ("Steering rack repair", 5, 5, 7400, 20000, 12, ANY, ("Rack overhauled", "Tie rods", "Alignment")),
        ("Ball joints", 2.5, 3, 2400, 20000, 12, ANY, ("Lower joints", "Boots", "Play checked")),
    ),
    "Brakes": (
        ("Brake pads, front", 1.5, 2, 1500, 10000, 6, ANY, ("Pads replaced", "Pins greased", "Bedded in")),
        ("Brake shoes, rear", 2, 3, 1700, 10000, 6, ANY, ("Shoes replaced", "Drums cleaned", "Handbrake set")),
        ("Brake discs, front pair", 2.5, 3, 4600, 20000, 12, ANY, ("Discs and pads", "Run-out measured")),
        ("Brake fluid change", 1, 2, 950, 20000, 12, ANY, ("Fluid replaced", "Boiling point noted")),
        ("Caliper overhaul", 3, 4, 2900, 10000, 6, ANY, ("Seals", "Pistons", "Slide pins")),
    ),
    "Clutch and Transmission": (
        ("Clutch set", 7, 5, 9200, 20000, 12, GEARED, ("Plate, cover, bearing", "Flywheel checked")),
        ("Automatic transmission fluid", 2.5, 4, 5400, 30000, 12, BURNING, ("Fluid and filter", "Level set warm")),
        ("Gear oil change", 1, 2, 800, 20000, 12, BURNING, ("Oil drained and filled", "Magnet cleaned")),
        ("Drive shaft boots", 3, 3, 2600, 20000, 12, ANY, ("Boots and grease", "Joints checked")),
    ),
    "Body and Paint": (
        ("Dent removal without paint", 3, 4, 1500, 0, 0, ANY, ("One panel", "From behind, no filler")),
        ("Panel painting, one panel", 14, 4, 3200, 0, 24, ANY, ("Sanded, primed, painted, cleared", "Shade matched")),
        ("Bumper repair and paint", 12, 3, 2900, 0, 12, ANY, ("Plastic welded", "Painted", "Clips replaced")),
        ("Rust treatment", 6, 3, 3400, 0, 24, ANY, ("Rust cut back", "Converter", "Underbody coat")),
        ("Whole-car painting", 60, 5, 34000, 0, 36, ANY, ("Strip, prepare, paint", "Three coats", "Polish")),
    ),
    "Cleaning and Detailing": (
        ("Wash and vacuum", 1, 1, 450, 0, 0, ANY, ("Foam wash", "Vacuum", "Dashboard wiped")),
        ("Interior deep clean", 3.5, 2, 1800, 0, 0, ANY, ("Seats shampooed", "Roof and carpets", "Odour removed")),
        ("Machine polish", 4, 3, 2400, 0, 3, ANY, ("Two steps", "Swirls removed", "Wax")),
        ("Ceramic coating", 16, 4, 15500, 0, 24, ANY, ("Correction", "Two layers", "Cured")),
    ),
    "Glass and Lights": (
        ("Windscreen chip repair", 1, 3, 900, 0, 12, ANY, ("Resin filled", "Polished")),
        ("Windscreen replacement", 4, 4, 7800, 0, 12, ANY, ("Glass and sealant", "Camera calibrated")),
        ("Headlamp restoration", 1.5, 2, 1200, 0, 6, ANY, ("Both lamps sanded", "UV coat", "Beam set")),
        ("Wiper blades", 0.25, 1, 550, 0, 6, ANY, ("Pair fitted", "Washer jets set")),
    ),
}  # fmt: skip
