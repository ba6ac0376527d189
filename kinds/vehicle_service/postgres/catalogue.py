"""The shop's catalogue and reference rows, for reading."""

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import RUPEES
from kinds.vehicle_service.postgres.calendar import capacity, offered

_SERVICES = f"""
    SELECT s.id, s.title, s.description, s.category_id,
        json_build_object('id', c.id, 'name', c.name) AS category, s.works,
        s.warranty_kms, s.warranty_months, s.time_hrs::float AS time_hrs, s.difficulty, s.images, s.sac,
        (SELECT coalesce(json_agg(json_build_object('car_class_id', p.car_class_id, 'car_class', k.name,
            'price', {RUPEES.format("p.price")}) ORDER BY p.car_class_id), '[]')
            FROM price_chart AS p JOIN car_classes AS k ON k.id = p.car_class_id
            WHERE p.service_id = s.id) AS price_chart,
        (SELECT coalesce(json_agg(f.fuel_type_id ORDER BY f.fuel_type_id), '[]')
            FROM service_fuel_types AS f WHERE f.service_id = s.id) AS fuel_type_ids,
        (SELECT {RUPEES.format("p.price")} FROM price_chart AS p
            WHERE p.service_id = s.id AND p.car_class_id = CAST(:car_class_id AS int)) AS price,
        rated.average::float AS rating_average, rated.number AS rating_count{{placed}}
    FROM services AS s JOIN service_categories AS c ON c.id = s.category_id
    LEFT JOIN LATERAL (SELECT round(avg(r.rating), 2) AS average, count(*) AS number FROM service_reviews AS r
        WHERE r.service_id = s.id) AS rated ON true
    WHERE (CAST(:id AS int) IS NULL OR s.id = :id)
        AND (CAST(:category_id AS int) IS NULL OR s.category_id = :category_id)
        AND NOT EXISTS (SELECT FROM regexp_split_to_table(lower(CAST(:q AS text)), '\\s+') AS word
            WHERE strpos(lower(s.title || ' ' || s.description), word) = 0)
        AND (CAST(:fuel_type_id AS int) IS NULL OR EXISTS (SELECT FROM service_fuel_types AS f
            WHERE f.service_id = s.id AND f.fuel_type_id = :fuel_type_id))
"""  # noqa: S608 - constants of ours
# The price to sort by is that of the class asked for, else the lowest; services without one come last, whatever the
# direction. Ratings are compared in hundredths.
_COST = """(SELECT {} FROM price_chart AS p WHERE p.service_id = s.id
    AND p.car_class_id = coalesce(CAST(:car_class_id AS int), p.car_class_id))"""
_LAST = "9223372036854775807"


def _services_by(*columns: SortColumn, **values: str) -> Listing:
    placed = "".join(f", {value} AS place_{name}" for name, value in values.items())
    return Listing(_SERVICES.format(placed=placed), (*columns, SortColumn("id")))


SERVICES = _services_by().rows
SERVICES_BY = {
    "id": _services_by(),
    "title": _services_by(SortColumn("place_title", "text"), title="lower(s.title)"),
    "price": _services_by(SortColumn("place_price"), price=_COST.format(f"coalesce(min(p.price), {_LAST})")),
    "-price": _services_by(SortColumn("place_price"), price=_COST.format(f"coalesce(-min(p.price), {_LAST})")),
    "-rating": _services_by(
        SortColumn("place_average", descending=True),
        SortColumn("rating_count", descending=True),
        average="coalesce(rated.average * 100, -1)::bigint",
    ),
}
CATEGORIES = "SELECT id, name, description FROM service_categories"
STATUSES = "SELECT id, name FROM statuses"
PAYMENT_METHODS = "SELECT id, name FROM payment_methods"
ASSIGNMENT_TYPES = "SELECT id, name FROM assignment_types"
_TIMESLOTS = f"""
    SELECT t.id, t.name, to_char(t.start_time, 'HH24:MI') AS start_time, to_char(t.end_time, 'HH24:MI') AS end_time,
        t.capacity, (extract(epoch FROM t.start_time) * 1000000)::bigint AS place_start,
        CASE WHEN CAST(:day AS date) IS NULL THEN NULL
            WHEN (CAST(:day AS date) + t.start_time) AT TIME ZONE CAST(:zone AS text) <= now() THEN 0
            WHEN {offered("CAST(:day AS date)")}
                THEN greatest(0, {capacity("CAST(:day AS date)")} - coalesce(u.used, 0))
            ELSE 0 END AS free
    FROM timeslots AS t LEFT JOIN slot_usage AS u ON u.timeslot_id = t.id AND u.on_date = CAST(:day AS date)
"""  # noqa: S608 - constants of ours
TIMESLOTS = Listing(_TIMESLOTS, (SortColumn("place_start"), SortColumn("id")))
TIMESLOT_ROWS = """
    SELECT id, name, to_char(start_time, 'HH24:MI') AS start_time, to_char(end_time, 'HH24:MI') AS end_time, capacity
    FROM timeslots
"""
MANUFACTURERS = "SELECT id, name FROM manufacturers"
CAR_CLASSES = "SELECT id, name FROM car_classes"
FUEL_TYPES = "SELECT id, name FROM fuel_types"
_MODEL = """json_build_object('id', m.id, 'name', concat_ws(' ', b.name, m.model), 'model', m.model,
    'year', m.year, 'img', m.img,
    'manufacturer_id', m.manufacturer_id, 'manufacturer', json_build_object('id', b.id, 'name', b.name),
    'fuel_type_id', m.fuel_type_id, 'fuel_type', json_build_object('id', f.id, 'name', f.name),
    'car_class_id', m.car_class_id, 'car_class', json_build_object('id', k.id, 'name', k.name))"""
_MODEL_JOINS = """JOIN manufacturers AS b ON b.id = m.manufacturer_id JOIN fuel_types AS f ON f.id = m.fuel_type_id
    JOIN car_classes AS k ON k.id = m.car_class_id"""
MODELS = f"""
    SELECT m.id, concat_ws(' ', b.name, m.model) AS name, m.model, m.year, m.img, m.manufacturer_id,
        json_build_object('id', b.id, 'name', b.name) AS manufacturer, m.fuel_type_id,
        json_build_object('id', f.id, 'name', f.name) AS fuel_type, m.car_class_id,
        json_build_object('id', k.id, 'name', k.name) AS car_class
    FROM cars AS m {_MODEL_JOINS}
"""  # noqa: S608 - constants of ours
MODELS_LIKE = f"""
    SELECT * FROM ({MODELS}) AS m
    WHERE (CAST(:manufacturer_id AS int) IS NULL OR manufacturer_id = :manufacturer_id)
        AND (CAST(:fuel_type_id AS int) IS NULL OR fuel_type_id = :fuel_type_id)
        AND (CAST(:car_class_id AS int) IS NULL OR car_class_id = :car_class_id)
"""  # noqa: S608 - constants of ours
CUSTOMER_CARS = f"""
    SELECT o.id, o.customer_id, o.registration_number, o.car_id AS car_model_id, {_MODEL} AS car_model
    FROM customer_cars AS o JOIN cars AS m ON m.id = o.car_id {_MODEL_JOINS}
    WHERE o.deleted_at IS NULL AND (CAST(:customer AS text) IS NULL OR o.customer_id = :customer)
        AND (CAST(:id AS int) IS NULL OR o.id = :id)
"""  # noqa: S608 - constants of ours
ADDRESSES = """
    SELECT a.id, a.customer_id, a.label, a.line1, a.line2, a.area_id,
        json_build_object('id', r.id, 'name', r.name, 'pincode', r.pincode) AS area
    FROM addresses AS a JOIN areas AS r ON r.id = a.area_id
    WHERE a.deleted_at IS NULL AND (CAST(:customer AS text) IS NULL OR a.customer_id = :customer)
        AND (CAST(:id AS int) IS NULL OR a.id = :id)
"""
AREAS = "SELECT id, name, pincode FROM areas"
AREAS_AT = """
    SELECT id, name, pincode FROM areas WHERE pincode = coalesce(CAST(:pincode AS text), pincode)
"""
