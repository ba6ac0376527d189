"""Fuels, classes with their share of a service's base price, makers and models."""

FUEL_TYPES = ("Petrol", "Diesel", "Electric", "Hybrid", "CNG")

# class, price in percent of the base price
CAR_CLASSES = (
    ("Hatchback", 100),
    ("Sedan", 115),
    ("Compact SUV", 120),
    ("SUV", 140),
    ("MUV", 135),
    ("Luxury", 220),
)

MANUFACTURERS = (
    "Maruti Suzuki", "Hyundai", "Tata", "Mahindra", "Honda", "Toyota", "Kia",
    "Volkswagen", "Skoda", "Renault", "MG", "BMW", "Mercedes-Benz",
)  # fmt: skip

# maker, model, fuel, class, year
MODELS = (
    ("Hyundai", "i20", "Petrol", "Hatchback", 2022),
    ("Maruti Suzuki", "Swift", "Petrol", "Hatchback", 2021),
    ("Maruti Suzuki", "Swift", "CNG", "Hatchback", 2023),
    ("Maruti Suzuki", "Baleno", "Petrol", "Hatchback", 2022),
    ("Maruti Suzuki", "Dzire", "CNG", "Sedan", 2023),
    ("Maruti Suzuki", "Brezza", "Petrol", "Compact SUV", 2023),
    ("Maruti Suzuki", "Grand Vitara", "Hybrid", "SUV", 2023),
    ("Maruti Suzuki", "Ertiga", "CNG", "MUV", 2022),
    ("Hyundai", "Grand i10 Nios", "Petrol", "Hatchback", 2021),
    ("Hyundai", "Verna", "Petrol", "Sedan", 2023),
    ("Hyundai", "Venue", "Diesel", "Compact SUV", 2022),
    ("Hyundai", "Creta", "Diesel", "SUV", 2022),
    ("Tata", "Tiago", "Petrol", "Hatchback", 2021),
    ("Tata", "Tiago EV", "Electric", "Hatchback", 2023),
    ("Tata", "Nexon", "Diesel", "Compact SUV", 2022),
    ("Tata", "Nexon EV", "Electric", "Compact SUV", 2023),
    ("Tata", "Harrier", "Diesel", "SUV", 2022),
    ("Mahindra", "XUV300", "Petrol", "Compact SUV", 2021),
    ("Mahindra", "XUV700", "Diesel", "SUV", 2023),
    ("Mahindra", "Scorpio N", "Diesel", "SUV", 2023),
    ("Mahindra", "XUV400", "Electric", "Compact SUV", 2023),
    ("Honda", "Amaze", "Petrol", "Sedan", 2021),
    ("Honda", "City", "Petrol", "Sedan", 2022),
    ("Honda", "City e:HEV", "Hybrid", "Sedan", 2023),
    ("Toyota", "Glanza", "Petrol", "Hatchback", 2022),
    ("Toyota", "Innova Hycross", "Hybrid", "MUV", 2023),
    ("Toyota", "Innova Crysta", "Diesel", "MUV", 2022),
    ("Toyota", "Fortuner", "Diesel", "SUV", 2022),
    ("Kia", "Sonet", "Petrol", "Compact SUV", 2022),
    ("Kia", "Seltos", "Diesel", "SUV", 2023),
    ("Kia", "Carens", "Petrol", "MUV", 2023),
    ("Volkswagen", "Polo", "Petrol", "Hatchback", 2020),
    ("Volkswagen", "Virtus", "Petrol", "Sedan", 2023),
    ("Skoda", "Slavia", "Petrol", "Sedan", 2022),
    ("Skoda", "Kushaq", "Petrol", "SUV", 2022),
    ("Renault", "Kwid", "Petrol", "Hatchback", 2021),
    ("Renault", "Triber", "Petrol", "MUV", 2022),
    ("MG", "Hector", "Petrol", "SUV", 2022),
    ("MG", "ZS EV", "Electric", "SUV", 2023),
    ("BMW", "3 Series", "Petrol", "Luxury", 2022),
    ("BMW", "X1", "Diesel", "Luxury", 2021),
    ("Mercedes-Benz", "C-Class", "Diesel", "Luxury", 2022),
)
