"""The two companies that run a house each."""

from domain.billing.documents import Supplier

SUPPLIERS = {
    "north": Supplier("North House Private Limited", "27AAPFU0939F1ZV", "Maharashtra", "1 Lake Road, Pune 411001"),
    "south": Supplier("South House Private Limited", "29AAGCB7383J1Z4", "Karnataka", "7 Tank Road, Hubballi 580020"),
}
