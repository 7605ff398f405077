//! Beyond this machine nobody listens in: TLS here, TLS in a proxy, or no start.

use crate::harness::{Home, run};
use std::fs;

#[test]
fn beyond_this_machine_without_tls_is_refused_with_the_three_remedies() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7420"] {
        let home = Home::new();
        let refused = run(&mut home.serving(&["--listen", address])).refused(2, "insecure-listen");
        for part in [address, "--tls-cert", "--tls-key", "--behind-proxy", "--listen 127.0.0.1"] {
            assert!(refused.err.contains(part), "{part} in {refused:?}");
        }
        assert!(!home.data().exists() && !home.root_key().exists(), "something was made");
    }
}

#[test]
fn with_a_certificate_https_works_for_who_trusts_it_and_for_nobody_else() {
    let home = Home::new();
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| home.path().join(name));
    fs::write(&cert, certified.cert.pem()).unwrap();
    fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let [cert, key] = [cert.to_str().unwrap(), key.to_str().unwrap()];
    let server = home.serve_with(&["--listen", "0.0.0.0:0", "--tls-cert", cert, "--tls-key", key]);
    assert!(server.welcome().contains("https://"), "{}", server.welcome());
    let mint = ["token", "create", "--name", "ci", "--preset", "admin"];
    let token = home.subrosa(&mint).done();

    let url = format!("https://localhost:{}", server.address.port());
    let remote = |arguments: &[&str]| {
        let mut command = home.command(&["--server", &url, "--tenant", "default"]);
        command.args(arguments).env("SUBROSA_TOKEN", token.text().trim());
        command
    };
    let trusting = |arguments: &[&str], value: &str| {
        let mut command = remote(arguments);
        crate::harness::run_with(command.env("SSL_CERT_FILE", cert), value.as_bytes())
    };
    trusting(&["set", "A", "--readable"], "over tls").done();
    assert_eq!(trusting(&["get", "A"], "").done().text(), "over tls");
    // Whoever does not know the certificate sends nothing.
    run(remote(&["get", "A"]).env("SSL_CERT_FILE", "/dev/null")).refused(8, "server-unreachable");
    // And in the clear there is nobody at that door.
    let plain = format!("http://127.0.0.1:{}", server.address.port());
    let mut clear = home.command(&["--server", &plain, "--tenant", "default", "ls"]);
    let clear = run(clear.env("SUBROSA_TOKEN", token.text().trim()));
    assert!(clear.code != 0 && clear.out.is_empty(), "{clear:?}");
}

#[test]
fn half_a_pair_or_a_wrong_one_is_refused() {
    let home = Home::new();
    let half = run(&mut home.serving(&["--tls-cert", "cert.pem"]));
    assert_eq!(half.code, 2, "{half:?}");
    let file = home.path().join("no.pem");
    fs::write(&file, "no PEM").unwrap();
    let file = file.to_str().unwrap();
    run(&mut home.serving(&["--tls-cert", file, "--tls-key", file])).refused(1, "tls-unusable");
}

#[test]
fn counters_are_on_the_machines_own_door_and_never_behind_a_proxy_on_tcp() {
    let home = Home::new();
    let server = home.serve();
    let metrics = server.tcp().get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(String::from_utf8(metrics.body).unwrap().contains("subrosa_http_answers"));
    server.stop();
    for flags in [&["--behind-proxy"][..], &["--behind-proxy", "--listen", "0.0.0.0:0"]] {
        let server = home.serve_with(flags);
        let door = crate::harness::Door::Tcp(([127, 0, 0, 1], server.address.port()).into());
        assert_eq!(door.get("/health/live").status, 200);
        assert_eq!(door.get("/health/ready").status, 200);
        assert_eq!(door.get("/metrics").status, 404, "{flags:?}");
        let own = crate::harness::Door::Socket(home.socket());
        assert_eq!(own.get("/metrics").status, 200, "{flags:?}");
        server.stop();
    }
}

#[test]
fn a_caller_on_tcp_without_a_token_is_nobody_even_on_this_machine() {
    let home = Home::new();
    let server = home.serve();
    home.with_value("canary", &["set", "A"]).done();
    for path in ["/v1/tenants", "/v1/tenants/default/secrets", "/v1/tenants/default/auditEvents"] {
        let answer = server.tcp().get(path);
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.head.contains("cache-control: no-store"), "{answer:?}");
    }
}

#[test]
fn unknown_credentials_are_limited_by_address_and_a_named_proxy_says_whose_it_is() {
    let home = Home::new();
    let asks = |server: &crate::harness::Server, from: &str| {
        let headers = [("Authorization", "Bearer nonsense"), ("X-Forwarded-For", from)];
        server.tcp().get_with("/v1/tenants", &headers)
    };
    let limited = ["--unknown-credentials-per-second", "1"];
    let server = home.serve_with(&limited);
    let mut others = (1..255).cycle();
    let answer = crate::harness::eventually("a refusal above the rate", || {
        let from = format!("198.51.100.{}", others.next().unwrap());
        let answer = asks(&server, &from);
        assert!([401, 429].contains(&answer.status), "{answer:?}");
        (answer.status == 429).then_some(answer)
    });
    assert_eq!(answer.json()["code"], "too-many-requests");
    assert!(answer.head.contains("retry-after: 1\r\n"), "{answer:?}");
    server.stop();
    for flags in [["--trusted-proxy", "127.0.0.0/8"], ["--trusted-proxy", "10.0.0.1,127.0.0.1"]] {
        let server = home.serve_with(&[flags, limited].concat());
        for other in 1..50 {
            let answer = asks(&server, &format!("198.51.100.{other}"));
            assert_eq!(answer.status, 401, "{answer:?}");
        }
        server.stop();
    }
}

#[test]
fn a_proxy_that_could_be_anyone_is_refused() {
    let home = Home::new();
    for proxy in ["0.0.0.0/0", "::/0", "10.0.0.1/8", "localhost", "127.0.0.1,", ""] {
        let refused = run(&mut home.serving(&["--trusted-proxy", proxy]));
        assert_eq!(refused.code, 2, "{proxy}: {refused:?}");
        assert!(!home.data().exists(), "something was made");
    }
    let refused = run(&mut home.serving(&["--unknown-credentials-per-second", "-1"]));
    assert_eq!(refused.code, 2, "{refused:?}");
}
