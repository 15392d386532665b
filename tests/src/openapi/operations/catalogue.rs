//! Products, courses and stock.

use contracts::AmountBody;
use contracts::http::{
    Adjust, AvailabilityBody, CourseBody, CourseListBody, CreateCourse, CreateProduct, FoundBody,
    LowStockBody, MovementBody, ProductBody, ProductListBody, Restock, SearchBody, SetThreshold,
    StockBody, UpdateProduct,
};
use domain::{EntryKind, Money, SearchText};
use serde_json::{Value, json};
use testkit::build::{a_course, a_product, an_entry, at as moment};

use crate::openapi::operation::{Operation, at};

const SKU: &str = "SKU-0001";

fn euros(minor: i64) -> AmountBody {
    AmountBody {
        minor,
        currency: "EUR".to_owned(),
    }
}

fn active() -> String {
    "active".to_owned()
}

fn a_new_product() -> CreateProduct {
    CreateProduct {
        product_id: None,
        sku: "SKU-CUP".to_owned(),
        name: "Cup".to_owned(),
        description: "Holds a quarter of a litre.".to_owned(),
        price: euros(1_200),
        status: active(),
    }
}

fn a_changed_product() -> UpdateProduct {
    UpdateProduct {
        sku: SKU.to_owned(),
        name: "Cup".to_owned(),
        description: "Holds a quarter of a litre.".to_owned(),
        price: euros(1_100),
        status: active(),
    }
}

fn a_new_course() -> CreateCourse {
    CreateCourse {
        course_id: None,
        title: "Throwing cups".to_owned(),
        description: String::new(),
        price: euros(4_900),
        status: active(),
    }
}

/// A list of what is sold.
fn list(route: &'static str, id: &'static str, does: &'static str) -> Operation {
    let words = |words: [&str; 2]| -> Value {
        json!({"type": "string", "enum": words, "default": words[0]})
    };
    at(route, id, does)
        .asks("status", "on sale or not", words(["active", "withdrawn"]))
        .asks("sort", "in which order", words(["newest", "name"]))
        .pages()
}

/// The search.
pub(super) fn search() -> Vec<Operation> {
    let text = json!({"type": "string", "minLength": 1, "maxLength": SearchText::MAX});
    let kinds = json!({"type": "string", "enum": EntryKind::ALL.map(EntryKind::name)});
    let currency = json!({"type": "string", "pattern": "^[A-Z]{3}$"});
    let price = json!({"type": "integer", "minimum": 0, "maximum": Money::MAX_MINOR});
    let found = SearchBody {
        results: vec![FoundBody::from(&an_entry("p-0001", "Copper kettle", 1))],
        next_cursor: None,
    };
    let does = "Finds products and courses, in spite of a slip in a word.";
    vec![
        at("GET /api/v1/search", "searchCatalogue", does)
            .needs(
                "q",
                "what is searched for: words, the last of which may be a beginning",
                text,
            )
            .asks("kind", "only products, or only courses", kinds)
            .asks("currency", "only prices in this currency", currency)
            .asks(
                "min_price",
                "at least so many minor units of `currency`",
                price.clone(),
            )
            .asks(
                "max_price",
                "at most so many minor units of `currency`",
                price,
            )
            .pages()
            .answers(200, "A page of what fits, best first.", &found),
    ]
}

/// What is sold.
pub(super) fn entries() -> Vec<Operation> {
    let product = ProductBody::from(&a_product("p-0001", 1_200));
    let course = CourseBody::from(&a_course("throwing-cups", 4_900));
    let products = ProductListBody {
        products: vec![product.clone()],
        next_cursor: None,
    };
    let courses = CourseListBody {
        courses: vec![course.clone()],
        next_cursor: None,
    };
    vec![
        list("GET /api/v1/products", "listProducts", "What is on sale.").answers(
            200,
            "A page of products.",
            &products,
        ),
        at("GET /api/v1/products/{id}", "getProduct", "A product.")
            .answers(200, "The product.", &product)
            .with(&["ETag"]),
        at(
            "POST /api/v1/products",
            "createProduct",
            "Creates a product; without `product_id` it gets one.",
        )
        .once_if_asked()
        .takes(&a_new_product())
        .answers(201, "Created, now or before.", &product)
        .with(&["Location", "ETag"])
        .refuses(409, &["id-taken"]),
        at(
            "PUT /api/v1/products/{id}",
            "updateProduct",
            "Changes a product; all of it is sent.",
        )
        .if_match()
        .takes(&a_changed_product())
        .answers(200, "The product as it is now.", &product)
        .with(&["ETag"]),
        list("GET /api/v1/courses", "listCourses", "The courses on sale.").answers(
            200,
            "A page of courses.",
            &courses,
        ),
        at("GET /api/v1/courses/{id}", "getCourse", "A course.")
            .answers(200, "The course.", &course)
            .with(&["ETag"]),
        at(
            "POST /api/v1/courses",
            "createCourse",
            "Creates a course; without `course_id` it gets one.",
        )
        .once_if_asked()
        .takes(&a_new_course())
        .answers(201, "Created, now or before.", &course)
        .with(&["Location", "ETag"])
        .refuses(409, &["id-taken"]),
    ]
}

fn a_stock() -> StockBody {
    StockBody {
        sku: SKU.to_owned(),
        available: 7,
        taken: 3,
        put_in: 10,
        low_at: 10,
        low: true,
        changed_at: moment(60),
        version: 4,
    }
}

fn a_movement(kind: &str, by: i32, reason: &str) -> MovementBody {
    MovementBody {
        movement_id: "00000000-0000-8000-8000-000000000001".to_owned(),
        sku: SKU.to_owned(),
        kind: kind.to_owned(),
        by,
        reason: reason.to_owned(),
        at: moment(60),
    }
}

/// The pieces of it.
pub(super) fn stock() -> Vec<Operation> {
    let available = AvailabilityBody {
        product_id: "p-0001".to_owned(),
        sku: SKU.to_owned(),
        available: 7,
    };
    let low = LowStockBody {
        stock: vec![a_stock()],
        next_cursor: None,
    };
    vec![
        at(
            "GET /api/v1/products/{id}/inventory",
            "getAvailability",
            "How many pieces of a product there are.",
        )
        .answers(200, "Pieces that can be sold.", &available),
        at(
            "GET /api/v1/admin/inventory/low-stock",
            "listLowStock",
            "SKUs that are at their threshold or below.",
        )
        .pages()
        .answers(200, "A page of stock.", &low),
        at(
            "GET /api/v1/admin/inventory/{sku}",
            "getStock",
            "The stock of a SKU: available, taken by orders, put in ever, threshold.",
        )
        .answers(200, "The stock.", &a_stock()),
        at(
            "PUT /api/v1/admin/inventory/{sku}/threshold",
            "setThreshold",
            "Says from where on a SKU is low.",
        )
        .takes(&SetThreshold { low_at: 10 })
        .answers(200, "The stock.", &a_stock()),
    ]
}

/// Pieces that come and go.
pub(super) fn movements() -> Vec<Operation> {
    let delivery = Restock {
        quantity: 12,
        reason: Some("delivery 17".to_owned()),
    };
    let count = Adjust {
        by: -2,
        reason: "broken in the store".to_owned(),
    };
    vec![
        at(
            "POST /api/v1/admin/inventory/{sku}/restock",
            "restock",
            "More pieces; makes a SKU known.",
        )
        .once()
        .takes(&delivery)
        .answers(
            201,
            "Put in, now or before.",
            &a_movement("restock", 12, "delivery 17"),
        )
        .refuses(409, &["too-many-pieces"]),
        at(
            "POST /api/v1/admin/inventory/{sku}/adjust",
            "adjust",
            "Puts a count right, up or down.",
        )
        .once()
        .takes(&count)
        .answers(
            201,
            "Put right, now or before.",
            &a_movement("adjustment", -2, "broken in the store"),
        )
        .refuses(409, &["too-few-pieces", "too-many-pieces"]),
    ]
}
