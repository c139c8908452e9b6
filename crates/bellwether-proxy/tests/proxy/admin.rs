use bellwether_core::{Arms, Fence};
use bellwether_port::{PortError, TrafficRouter};
use bellwether_proxy::{Admin, Proxy, ProxyClient, StartError, Token};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
};

use crate::world::{World, config, nobody, route};

async fn world() -> World {
    let nobody = nobody().await;
    World::start(Arms { stable: nobody, candidate: nobody }).await
}

/// The status and the JSON that a call on the socket is answered with.
async fn call(world: &World, head: &str, body: &str) -> (u16, Value) {
    let stream = UnixStream::connect(world.folder.path().join("proxy.sock")).await.unwrap();
    exchange(stream, head, body).await
}

async fn exchange(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, head: &str, body: &str) -> (u16, Value) {
    let length = body.len();
    let request =
        format!("{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    // A body that is too large is not read to its end.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}

fn change(share: u64, token: u64, generation: u64) -> String {
    json!({"route": {"share": share}, "fence": {"token": token, "generation": generation}}).to_string()
}

#[tokio::test]
async fn a_change_is_taken_shown_and_repeated() {
    let world = world().await;
    let (status, before) = call(&world, "GET /route", "").await;
    assert_eq!((status, &before["route"]["share"], &before["fence"]), (200, &json!(0), &Value::Null));
    for _ in 0..2 {
        let (status, after) = call(&world, "PUT /route", &change(500, 2, 7)).await;
        assert_eq!((status, &after["route"]["share"]), (200, &json!(500)));
        assert_eq!(after["fence"], json!({"token": 2, "generation": 7}));
    }
    assert_eq!(call(&world, "GET /route", "").await.1["route"]["share"], 500);
    assert_eq!(call(&world, "GET /status", "").await.1["fence"]["generation"], 7);
}

#[tokio::test]
async fn a_fence_that_is_too_low_is_refused_without_an_effect() {
    let world = world().await;
    assert_eq!(call(&world, "PUT /route", &change(500, 2, 7)).await.0, 200);
    for (token, generation) in [(1, 100), (2, 6)] {
        let (status, answer) = call(&world, "PUT /route", &change(9_000, token, generation)).await;
        assert_eq!((status, &answer["error"]["kind"]), (409, &json!("superseded")));
        assert_eq!(answer["error"]["at"], "$.fence");
    }
    assert_eq!(world.status().route, route(500));
    assert_eq!(call(&world, "PUT /route", &change(0, 3, 0)).await.0, 200, "a new owner begins anew");
}

#[tokio::test]
async fn what_is_not_a_change_is_refused_with_its_place() {
    let world = world().await;
    let fence = json!({"token": 1, "generation": 1});
    for (body, status, at) in [
        ("{".to_owned(), 400, "$"),
        ("[]".to_owned(), 400, "$"),
        (change(10_001, 1, 1), 400, "$.route.share"),
        (json!({"route": {"share": "5 %"}, "fence": fence}).to_string(), 400, "$.route.share"),
        (json!({"route": {"share": 5, "weight": 5}, "fence": fence}).to_string(), 400, "$.route.weight"),
        (json!({"route": {"share": 5}, "fence": fence, "force": true}).to_string(), 400, "$.force"),
        (json!({"route": {"share": 5}}).to_string(), 400, "$"),
        (json!({"route": {"share": 5}, "fence": {"token": 1}}).to_string(), 400, "$.fence"),
        (format!("{} {}", change(5, 1, 1), change(6, 1, 1)), 400, "$"),
        (r#"{"route": {"share": 5, "share": 6}, "fence": {"token": 1, "generation": 1}}"#.to_owned(), 400, "$.route"),
        (json!({"route": {"share": 5, "mirror": 5}, "fence": fence}).to_string(), 422, "$.route"),
    ] {
        let (found, answer) = call(&world, "PUT /route", &body).await;
        assert_eq!((found, &answer["error"]["at"]), (status, &json!(at)), "{body}: {answer}");
    }
    let (status, _) = call(&world, "PUT /route", &" ".repeat(100_000)).await;
    assert_eq!(status, 413);
    assert_eq!((world.status().route, world.status().fence), (route(0), None));
}

#[tokio::test]
async fn calls_that_do_not_exist_are_refused() {
    let world = world().await;
    for (head, status) in [
        ("POST /route", 405),
        ("DELETE /status", 405),
        ("GET /", 404),
        ("GET /route/", 404),
        ("GET /intervals?after=noon", 400),
        ("GET /intervals?since=2026-03-02T12:00:00Z", 400),
        ("GET /intervals?after=2026-03-02T12:00:00Z&until=2026-03-02T13:00:00Z", 200),
    ] {
        assert_eq!(call(&world, head, "").await.0, status, "{head}");
    }
}

#[tokio::test]
async fn a_port_opens_with_its_token_only() {
    let nobody = nobody().await;
    let token = Token::new("0123456789abcdef").unwrap();
    let admin = Admin::Loopback { address: "127.0.0.1:0".parse().unwrap(), token };
    let proxy = Proxy::start(config(Arms { stable: nobody, candidate: nobody }, admin)).await.unwrap();
    let Admin::Loopback { address, .. } = proxy.admin().clone() else { panic!("it is a port") };
    for (head, status) in [
        ("GET /route", 401),
        ("GET /nowhere", 401),
        ("GET /route HTTP/1.1\r\nauthorization: Bearer 0123456789abcdeX\r\nx:", 401),
        ("GET /route HTTP/1.1\r\nauthorization: Bearer 0123456789abcdef\r\nx:", 200),
    ] {
        let stream = TcpStream::connect(address).await.unwrap();
        assert_eq!(exchange(stream, head, "").await.0, status, "{head}");
    }
    let stranger = Admin::Loopback { address, token: Token::new("another secret text").unwrap() };
    let answer = ProxyClient::new(stranger).apply(&route(500), Fence::default()).await;
    assert!(matches!(answer, Err(PortError::Refused(_))), "{answer:?}");
    assert_eq!(proxy.handle().status().route, route(0));
    ProxyClient::new(proxy.admin().clone()).apply(&route(500), Fence::default()).await.unwrap();
    assert_eq!(proxy.handle().status().route, route(500));
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(Arms { stable: address, candidate: address }, Admin::Socket(folder.path().join("s")));
    config.listen = address;
    let error = Proxy::start(config).await.unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
    assert!(error.to_string().starts_with(&format!("listen on {address}: ")), "{error}");
}

#[tokio::test]
async fn a_socket_that_somebody_listens_on_is_named_and_left_alone() {
    let world = world().await;
    let address = world.address();
    let path = world.folder.path().join("proxy.sock");
    let second = Proxy::start(config(Arms { stable: address, candidate: address }, Admin::Socket(path.clone()))).await;
    let error = second.unwrap_err();
    assert!(matches!(error, StartError::Socket { .. }), "{error}");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    assert_eq!(call(&world, "GET /route", "").await.0, 200, "the first one answers as before");
}
