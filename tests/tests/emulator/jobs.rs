//! Heavy work as those who run a shop ask for it, and as it is when whoever does it is killed.

use std::time::Duration;

use http_edge::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::aws::{send_text, set_consumer};
use tests::emulator::database;
use tests::emulator::processes::kill;
use tests::emulator::shop::{Answer, SOON, Shop, now, stamp};
use tests::emulator::wait::until;

/// Somebody looks every minute, and a job that was left behind is held for half of one.
const PATIENT: Duration = Duration::from_secs(180);

async fn admin(shop: &Shop, method: Method, path: &str, body: Option<(&str, &Value)>) -> Answer {
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    let request = shop.request(method, &format!("/admin/{path}"));
    let request = request.bearer_auth(shop.sign(&admin));
    shop.ask(match body {
        Some((key, body)) => request.header("idempotency-key", key).json(body),
        None => request,
    })
    .await
}

async fn ask(shop: &Shop, key: &str, body: &Value) -> (String, Answer) {
    let answer = admin(shop, Method::POST, "jobs", Some((key, body))).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let id = must_have(answer.json()["job_id"].as_str()).to_owned();
    (id, answer)
}

async fn job(shop: &Shop, id: &str) -> Value {
    let answer = admin(shop, Method::GET, &format!("jobs/{id}"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn done(shop: &Shop, id: &str) -> Value {
    let ended = || async {
        let job = job(shop, id).await;
        job.get("ended_at").is_some().then_some(job)
    };
    let job = until("the job ends", PATIENT, ended).await;
    assert_eq!(job["state"], "done", "{job}");
    job
}

/// By whoever has the link, without a token.
async fn download(shop: &Shop, link: &str) -> (u16, String, String) {
    let answer = must(shop.stack.http.get(link).send().await);
    let status = answer.status().as_u16();
    let name = answer.headers().get("content-disposition");
    let name = name.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let name = name.to_owned();
    (status, name, must(answer.text().await))
}

async fn sheet_of(shop: &Shop, job: &Value) -> String {
    let link = must_have(job["result"]["link"].as_str());
    let (status, _, text) = download(shop, link).await;
    assert_eq!(status, 200, "{text}");
    text
}

fn report(from: &str, to: &str) -> Value {
    json!({"kind": "sales_report", "from": from, "to": to})
}

#[tokio::test]
async fn a_report_over_years_is_asked_for_once_done_and_had_by_its_link_alone() {
    let shop = Shop::alone("jobs").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let day = now().to_string();
    let (today, _) = must_have(day.split_once('T'));
    let (key, body) = (stamp(), report("2010-03-04", today));
    let (id, first) = ask(&shop, &key, &body).await;
    let (again, second) = ask(&shop, &key, &body).await;
    assert_eq!(
        (&again, &second.body, second.replayed),
        (&id, &first.body, true)
    );
    let other = report("2011-03-04", today);
    let reused = admin(&shop, Method::POST, "jobs", Some((&key, &other))).await;
    assert_eq!(reused.status, 422, "{}", reused.body);

    let job = done(&shop, &id).await;
    assert_eq!(job["progress"]["done"], job["progress"]["total"]);
    let name = format!("sales-2010-03-04-{today}.csv");
    assert_eq!(job["result"]["name"], name.as_str());
    let link = must_have(job["result"]["link"].as_str());
    let (status, disposition, text) = download(&shop, link).await;
    assert_eq!(status, 200, "{text}");
    assert!(disposition.contains(&name), "{disposition}");
    assert_eq!(job["result"]["bytes"], text.len());
    // The same days by the route that answers at once, which takes three years.
    let path = format!("reports/daily.csv?from=2024-01-01&to={today}");
    let shown = admin(&shop, Method::GET, &path, None).await.body;
    assert_eq!(text.lines().next(), shown.lines().next());
    // Orders of tests before may still end today.
    for row in shown.lines().filter(|row| !row.starts_with(today)) {
        assert!(text.contains(row), "{row}");
    }
    let sold_today = format!("\n{today},,EUR,");
    assert!(text.contains(&sold_today), "{text}");

    let (path, _) = must_have(link.split_once('?'));
    assert_eq!(download(&shop, path).await.0, 403);
    let forged = link.replace("result?", "2024?");
    assert_eq!(download(&shop, &forged).await.0, 403);
    let list = admin(&shop, Method::GET, "jobs?limit=100", None)
        .await
        .json();
    let listed = must_have(list["jobs"].as_array()).iter();
    assert!(listed.filter(|job| job["job_id"] == id.as_str()).count() == 1);
    shop.check().await;
}

/// What the database has of an order is in the export of its day; a figure that somebody spoiled is what the orders
/// come to again.
#[tokio::test]
async fn orders_are_exported_and_figures_are_rebuilt() {
    let shop = Shop::alone("jobs-figures").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 2)]);
    let id = shop.place(&cart).await.to_string();
    shop.ends(&cart, SOON, "confirmed", None).await;
    let known = format!(
        "SELECT 1; SELECT count(*)::text FROM orders WHERE order_id = '{id}' AND completed_at IS NOT NULL"
    );
    let told = || async { (database::read(&shop.stack, &known).await == "1").then_some(()) };
    until("the order is told of", SOON, told).await;
    let day = now().to_string();
    let (today, _) = must_have(day.split_once('T'));
    let export = json!({"kind": "order_export", "from": "2026-01-01", "to": today});
    let (export, _) = ask(&shop, &stamp(), &export).await;
    let text = sheet_of(&shop, &done(&shop, &export).await).await;
    let of_it: Vec<&str> = text.lines().filter(|row| row.starts_with(&id)).collect();
    assert_eq!(of_it.len(), 1, "{text}");
    assert!(of_it[0].contains(",EUR,"), "{}", of_it[0]);
    assert!(of_it[0].ends_with(",2,0,0"), "{}", of_it[0]);

    let spoil =
        "INSERT INTO sales_days VALUES ('main', '2001-02-03', 'EUR', 7, 0, 0, 0, 0, 0, 0, 0, 0, 0)";
    database::run(&shop.stack, spoil).await;
    assert_eq!(database::miscounted(&shop.stack).await.len(), 1);
    let rebuild = json!({"kind": "rebuild_figures", "from": "2001-01-01", "to": "2001-12-31"});
    let (rebuild, _) = ask(&shop, &stamp(), &rebuild).await;
    let job = done(&shop, &rebuild).await;
    assert_eq!(job["progress"], json!({"done": 365, "total": 365}));
    let told = sheet_of(&shop, &job).await;
    let wanted =
        "day,hour,currency,product_id,figure,counted,orders_say\n2001-02-03,,EUR,,placed,7,0\n";
    assert_eq!(told, wanted);
    shop.check().await;
}

#[tokio::test]
async fn a_job_that_waits_is_cancelled_and_not_done() {
    let shop = Shop::alone("jobs-cancelled").await;
    set_consumer(&shop.stack, "run-jobs", false).await;
    let (id, _) = ask(&shop, &stamp(), &json!({"kind": "rebuild_search"})).await;
    let path = format!("jobs/{id}/cancel");
    let cancelled = admin(&shop, Method::POST, &path, None).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.body);
    set_consumer(&shop.stack, "run-jobs", true).await;
    let (other, _) = ask(&shop, &stamp(), &json!({"kind": "rebuild_search"})).await;
    done(&shop, &other).await;
    let job = job(&shop, &id).await;
    assert_eq!(
        (&job["state"], &job["progress"]["done"]),
        (&json!("cancelled"), &json!(0))
    );
}

/// Its message is gone with it: the row alone brings the job back.
#[tokio::test]
async fn a_job_whose_process_is_killed_is_gone_on_with() {
    let shop = Shop::alone("jobs-killed").await;
    let body = report("2000-01-01", "2029-12-31");
    let (whole, _) = ask(&shop, &stamp(), &body).await;
    let wanted = sheet_of(&shop, &done(&shop, &whole).await).await;
    let queue = shop.stack.get("RUN_JOBS_QUEUE_URL");
    let mut killed = 0;
    for _ in 0..10 {
        let (id, _) = ask(&shop, &stamp(), &body).await;
        let under_way = || async {
            let job = job(&shop, &id).await;
            let done = must_have(job["progress"]["done"].as_u64());
            (done > 0).then(|| job["state"] == "running")
        };
        if !until("it is under way", PATIENT, under_way).await {
            continue;
        }
        kill(&shop.stack, "run-jobs");
        let now = job(&shop, &id).await;
        if now["state"] == "running" {
            killed += 1;
        }
        let ended = || async {
            send_text(&shop.stack, queue, r#"{"look":"jobs"}"#).await;
            let job = job(&shop, &id).await;
            job.get("ended_at").is_some().then_some(job)
        };
        let job = until("the job ends", PATIENT, ended).await;
        assert_eq!(job["state"], "done", "{job}");
        assert_eq!(sheet_of(&shop, &job).await, wanted);
        if killed == 2 {
            break;
        }
    }
    assert!(killed > 0, "no job was killed in the middle");
}
