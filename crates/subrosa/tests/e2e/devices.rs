//! A device that signs in by a code: approved by the operator from another process, kept for the commands after it, and
//! ended. The device has a home of its own, so that nothing of the server's is within its reach.

use crate::{
    harness::{Home, Ran, Reaped, Server, eventually, mode, one_document, run},
    prompt::at_a_terminal,
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
};

/// A `subrosa login` that waits for somebody.
struct Waiting {
    child: Reaped,
    said: Arc<Mutex<String>>,
    reader: thread::JoinHandle<()>,
    /// The code on its screen, as `BCDF-GHJK`.
    code: String,
}

impl Waiting {
    #[track_caller]
    fn begin(device: &Home, server: &Server, flags: &[&str]) -> Self {
        let url = server.url();
        let line = [&["login", "--server", &url], flags].concat();
        let mut command = device.command(&line);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Reaped(command.spawn().unwrap());
        let said = Arc::new(Mutex::new(String::new()));
        let (kept, stderr) = (Arc::clone(&said), child.0.stderr.take().unwrap());
        let reader = thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                kept.lock().unwrap().push_str(&(line.unwrap() + "\n"));
            }
        });
        let code = eventually("a code", || {
            let said = said.lock().unwrap();
            let ended = child.0.try_wait().unwrap();
            assert!(ended.is_none(), "it did not wait: {ended:?} {said}");
            said.lines().map(str::trim).find(|line| is_code(line)).map(str::to_owned)
        });
        Self { child, said, reader, code }
    }

    /// How it ended.
    #[track_caller]
    fn end(mut self) -> Ran {
        let mut out = Vec::new();
        self.child.0.stdout.take().unwrap().read_to_end(&mut out).unwrap();
        let status = eventually("the login's end", || self.child.0.try_wait().unwrap());
        self.reader.join().unwrap();
        let err = self.said.lock().unwrap().clone();
        Ran { code: status.code().unwrap_or(-1), out, err }
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 9
        && text
            .char_indices()
            .all(|(at, c)| if at == 4 { c == '-' } else { c.is_ascii_uppercase() })
}

/// Signs a device in, with the operator's approval.
#[track_caller]
fn signed_in(device: &Home, operator: &Home, server: &Server, flags: &[&str]) -> Ran {
    let waiting = Waiting::begin(device, server, flags);
    let approve = ["device", "approve", &waiting.code, "--yes", "--tenant", "default"];
    operator.subrosa(&approve).done();
    waiting.end().done()
}

fn place(device: &Home) -> PathBuf {
    device.path().join("config/subrosa/login.json")
}

/// The token that is kept.
#[track_caller]
fn token_in(place: &Path) -> String {
    let kept: Value = serde_json::from_slice(&fs::read(place).unwrap()).unwrap();
    kept["token"].as_str().unwrap().to_owned()
}

/// What a token of the tenant `default` is answered.
#[track_caller]
fn status_of(server: &Server, token: &str) -> u16 {
    let bearer = [("Authorization", format!("Bearer {token}"))];
    let bearer = bearer.each_ref().map(|(name, value)| (*name, value.as_str()));
    server.tcp().get_with("/v1/tenants/default/secrets", &bearer).status
}

#[test]
fn a_device_that_was_approved_is_signed_in_until_it_signs_out() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve_with(&["--log-level", "trace"]);
    operator.with_value("v", &["set", "A", "--readable"]).done();

    let waiting = Waiting::begin(&device, &server, &["--preset", "admin"]);
    assert!(!place(&device).exists(), "nothing is kept before anybody approved");
    let letters = waiting.code.replace('-', "");
    let address = format!("{}/device?code={letters}", server.url());
    assert!(waiting.said.lock().unwrap().contains(&address));
    let approved = operator.subrosa(&["device", "approve", &waiting.code, "--yes"]).done();
    assert!(approved.err.contains("Subrosa CLI on "), "{approved:?}");
    let login = waiting.end().done();
    let signed = format!("signed in to {} · tenant default", server.url());
    assert!(login.err.contains(&signed), "{login:?}");

    assert!(device.subrosa(&["ls"]).done().text().contains("A "));
    assert_eq!(device.subrosa(&["get", "A"]).done().text(), "v");
    let listed = operator.subrosa(&["token", "list"]).done();
    assert!(listed.text().contains("Subrosa CLI on "), "{listed:?}");

    let token = token_in(&place(&device));
    assert_eq!(status_of(&server, &token), 200);
    let logout = device.subrosa(&["logout"]).done();
    assert!(logout.err.contains("signed out") && !logout.err.contains("could not"), "{logout:?}");
    assert_eq!(status_of(&server, &token), 401);
    assert!(!place(&device).exists());
    device.subrosa(&["ls"]).refused(8, "server-unreachable");
    let again = device.subrosa(&["logout"]).done();
    assert!(again.err.contains("nobody is signed in"), "{again:?}");

    let secret = token.rsplit('_').next().unwrap();
    for ran in [&approved, &login, &listed, &logout] {
        assert!(!format!("{}{}", ran.text(), ran.err).contains(secret), "{ran:?}");
    }
    let ended = server.stop();
    assert!(!ended.err.contains(secret) && !ended.out.contains(secret));
}

#[test]
fn a_login_is_kept_for_its_owner_alone() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    signed_in(&device, &operator, &server, &[]);
    let place = place(&device);
    assert_eq!((mode(&place).as_str(), mode(place.parent().unwrap()).as_str()), ("0600", "0700"));
    let left = fs::read_dir(place.parent().unwrap()).unwrap();
    assert_eq!(left.count(), 1, "the draft it was written to is gone");
}

#[test]
fn a_login_that_others_can_read_is_not_used_and_can_be_ended() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    signed_in(&device, &operator, &server, &["--preset", "admin"]);
    let (place, token) = (place(&device), token_in(&place(&device)));
    for open in [0o640, 0o604, 0o622] {
        fs::set_permissions(&place, fs::Permissions::from_mode(open)).unwrap();
        let refused = device.subrosa(&["ls"]).refused(4, "login-refused");
        assert!(refused.err.contains("others can read or change it"), "{refused:?}");
    }
    // It stands in nobody's way who says where to go, and as whom.
    let url = server.url();
    let mut named = device.command(&["--server", &url, "--tenant", "default", "ls"]);
    run(named.env("SUBROSA_TOKEN", &token)).done();
    device.subrosa(&["--data", operator.data().to_str().unwrap(), "ls"]).done();

    fs::set_permissions(&place, fs::Permissions::from_mode(0o644)).unwrap();
    device.subrosa(&["logout"]).done();
    assert_eq!((status_of(&server, &token), place.exists()), (401, false));
}

#[test]
fn a_link_or_another_file_in_its_place_is_no_login() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    signed_in(&device, &operator, &server, &[]);
    let (place, moved) = (place(&device), device.path().join("moved"));
    fs::rename(&place, &moved).unwrap();
    symlink(&moved, &place).unwrap();
    device.subrosa(&["ls"]).refused(4, "login-refused");
    device.subrosa(&["logout"]).done();
    assert!(!place.exists() && moved.exists(), "the link is forgotten, not what it led to");
    fs::write(&place, "canary").unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o600)).unwrap();
    let refused = device.subrosa(&["run", "--", "true"]).refused(125, "login-refused");
    assert!(!refused.err.contains("canary"), "{refused:?}");
}

#[test]
fn what_was_denied_is_over() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    let waiting = Waiting::begin(&device, &server, &[]);
    let denied = operator.subrosa(&["device", "deny", &waiting.code]).done();
    assert!(denied.err.contains("gets nothing"), "{denied:?}");
    operator.subrosa(&["device", "approve", &waiting.code, "--yes"]).refused(5, "not-found");
    let over = waiting.end();
    assert!(over.err.contains("subrosa login"), "{over:?}");
    over.refused(4, "device-over");
    assert!(!place(&device).exists());
    assert!(!operator.subrosa(&["token", "list"]).done().text().contains("Subrosa CLI"));
}

#[test]
fn a_login_outlives_its_servers_absence_and_ends_with_its_code() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    let waiting = Waiting::begin(&device, &server, &[]);
    let listen = server.address.to_string();
    server.stop();
    eventually("a note that nobody answers", || {
        waiting.said.lock().unwrap().contains("still trying").then_some(())
    });
    // What waits is in memory alone: the server that comes back knows nothing of it.
    let _server = operator.serve_with(&["--listen", &listen]);
    waiting.end().refused(4, "device-over");
}

#[test]
fn nobody_is_asked_to_approve_what_would_be_overheard_or_could_not_be_kept() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    device.subrosa(&["login", "--server", "http://secrets.example"]).refused(2, "insecure-server");
    device.subrosa(&["login", "--server", "secrets.example"]).refused(2, "server-malformed");
    let url = server.url();
    let bad = device.subrosa(&["login", "--server", &url, "--preset", "canary"]);
    assert!(!bad.err.contains("canary"), "{bad:?}");
    bad.refused(2, "invalid-request");
    let full = Home::new();
    fs::write(full.path().join("config"), "no folder").unwrap();
    let refused = full.subrosa(&["login", "--server", &url]).refused(1, "login-not-kept");
    assert!(!refused.err.contains("device approve"), "{refused:?}");
}

#[test]
fn a_code_is_read_in_either_case_and_what_is_no_code_goes_nowhere() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    let waiting = Waiting::begin(&device, &server, &[]);
    for wrong in ["", "QQQQ-QQQ", "canary-1", "../../../x"] {
        let refused = operator.subrosa(&["device", "approve", wrong, "--yes"]);
        assert!(wrong.is_empty() || !refused.err.contains(wrong), "{refused:?}");
        refused.refused(2, "invalid-code");
        operator.subrosa(&["device", "deny", wrong]).refused(2, "invalid-code");
    }
    let unknown = operator.subrosa(&["device", "deny", "ZZZZ-ZZZZ"]).refused(5, "not-found");
    assert!(unknown.err.contains("no sign-in waits for this code"), "{unknown:?}");
    let typed = waiting.code.replace('-', "").to_ascii_lowercase();
    operator.subrosa(&["device", "approve", &typed, "--yes"]).done();
    waiting.end().done();
    operator.subrosa(&["device", "approve", &typed, "--yes"]).refused(5, "not-found");
}

#[test]
fn a_stranger_who_guesses_codes_is_told_to_wait_and_the_operator_is_not() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    let minted = ["token", "create", "--name", "approver", "--preset", "admin"];
    let token = operator.subrosa(&minted).done().text().trim().to_owned();
    let url = server.url();
    let approve = |code: &str| {
        let line = ["--server", &url, "--tenant", "default", "device", "approve", code, "--yes"];
        run(operator.command(&line).env("SUBROSA_TOKEN", &token))
    };
    let waiting = Waiting::begin(&device, &server, &[]);
    for _ in 0..10 {
        approve("BBBB-BBBB").refused(5, "not-found");
    }
    approve("BBBB-BBBB").refused(8, "too-many-requests");
    approve(&waiting.code).refused(8, "too-many-requests");
    for _ in 0..11 {
        operator.subrosa(&["device", "approve", "BBBB-BBBB", "--yes"]).refused(5, "not-found");
    }
    operator.subrosa(&["device", "approve", &waiting.code, "--yes"]).done();
    waiting.end().done();
}

#[test]
fn a_token_that_may_mint_approves_as_well_and_gives_no_more_than_it_has() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    operator.with_value("v", &["set", "A", "--readable"]).done();
    let mint = |scopes: &[&str]| {
        let flags = scopes.iter().flat_map(|scope| ["--scope", scope]);
        let line: Vec<&str> = ["token", "create", "--name", "t"].into_iter().chain(flags).collect();
        operator.subrosa(&line).done().text().trim().to_owned()
    };
    let (lister, minter) = (mint(&["secrets:read"]), mint(&["secrets:read", "keys:write"]));
    let waiting = Waiting::begin(&device, &server, &["--preset", "admin"]);
    let url = server.url();
    let line =
        ["--server", &url, "--tenant", "default", "device", "approve", &waiting.code, "--yes"];
    let by = |token: &str| run(operator.command(&line).env("SUBROSA_TOKEN", token));
    by(&lister).refused(6, "missing-scope");
    by(&minter).done();
    let login = waiting.end().done();
    assert!(login.err.contains("secrets:read, keys:write · expires"), "{login:?}");
    device.subrosa(&["ls"]).done();
    let refused = device.subrosa(&["get", "A"]).refused(6, "missing-scope");
    assert!(refused.err.contains(&format!("by the login kept for {url}")), "{refused:?}");
}

#[test]
fn the_kept_token_goes_to_its_own_server_alone() {
    let (operator, other, device) = (Home::new(), Home::new(), Home::new());
    let (server, foreign) = (operator.serve(), other.serve());
    signed_in(&device, &operator, &server, &[]);
    let (own, theirs) = (server.url(), foreign.url());
    device.subrosa(&["--server", &own, "ls"]).done();
    device.subrosa(&["--server", &theirs, "--tenant", "default", "ls"]).refused(4, "token-needed");
    // A token in the environment is somebody else: it is not sent where only the login says.
    run(device.command(&["ls"]).env("SUBROSA_TOKEN", "sr_pat_x")).refused(8, "server-unreachable");
    // One that was revoked meanwhile says what to do.
    let id = operator.subrosa(&["token", "list", "--json"]).done().json()["items"][0]["id"].clone();
    operator.subrosa(&["token", "revoke", id.as_str().unwrap(), "--yes"]).done();
    let refused = device.subrosa(&["ls"]).refused(4, "unauthenticated");
    assert!(refused.err.contains("subrosa login"), "{refused:?}");
    let logout = device.subrosa(&["logout"]).done();
    assert!(!logout.err.contains("could not be revoked"), "{logout:?}");
}

#[test]
fn whoever_signs_in_beside_the_server_is_the_operator_only_where_they_say_so() {
    let home = Home::new();
    let server = home.serve();
    signed_in(&home, &home, &server, &[]);
    let refused = home.with_value("v", &["set", "A"]).refused(6, "missing-scope");
    assert!(refused.err.contains("--data DIR"), "{refused:?}");
    let data = home.data();
    let data = data.to_str().unwrap();
    home.with_value("v", &["--data", data, "set", "A"]).done();
    let mut named = home.command(&["rm", "A", "--yes"]);
    run(named.env("SUBROSA_DATA", data)).done();
    // A login that may do next to nothing may still end itself.
    let logout = home.subrosa(&["logout"]).done();
    assert!(!logout.err.contains("could not be revoked"), "{logout:?}");
    home.with_value("v", &["set", "A"]).done();
}

#[test]
fn a_login_has_a_tenant_and_only_there_it_is_approved() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    operator.subrosa(&["tenant", "create", "acme"]).done();
    operator.with_value("v", &["set", "OF_ACME", "--tenant", "acme"]).done();
    let waiting = Waiting::begin(&device, &server, &["--tenant", "acme"]);
    let approve = ["device", "approve", &waiting.code, "--yes"];
    operator.subrosa(&approve).refused(2, "tenant-needed");
    let elsewhere = operator.subrosa(&[&approve[..], &["--tenant", "default"]].concat());
    assert!(elsewhere.err.contains("--tenant acme"), "{elsewhere:?}");
    elsewhere.refused(2, "other-tenant");
    let deny = ["device", "deny", &waiting.code, "--tenant", "default"];
    operator.subrosa(&deny).refused(5, "not-found");
    operator.subrosa(&[&approve[..], &["--tenant", "acme"]].concat()).done();
    waiting.end().done();
    assert!(device.subrosa(&["ls"]).done().text().contains("OF_ACME"));
    device.subrosa(&["ls", "--tenant", "default"]).refused(5, "not-found");
}

#[test]
fn signing_in_again_ends_the_login_before() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    signed_in(&device, &operator, &server, &["--preset", "admin"]);
    let first = token_in(&place(&device));
    let waiting = Waiting::begin(&device, &server, &[]);
    assert_eq!(status_of(&server, &first), 200, "it works until another is there");
    // The device's own login may approve, too: it may mint.
    device.subrosa(&["device", "approve", &waiting.code, "--yes"]).done();
    waiting.end().done();
    let second = token_in(&place(&device));
    assert_eq!((status_of(&server, &first), status_of(&server, &second)), (401, 200));
}

#[test]
fn a_person_sees_what_asks_before_they_approve() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    let waiting = Waiting::begin(&device, &server, &[]);
    let line = ["device", "approve", &waiting.code];
    operator.subrosa(&line).refused(2, "confirmation-needed");
    let Some((code, screen)) = at_a_terminal(&operator, &line, &[("[y/N]", "n\n")]) else { return };
    assert_eq!(code, 3, "{screen}");
    for part in ["Subrosa CLI on ", "secrets:read, secrets:reveal", &waiting.code] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    let yes = at_a_terminal(&operator, &line, &[("[y/N]", "y\n")]).unwrap();
    assert_eq!(yes.0, 0, "{}", yes.1);
    waiting.end().done();
}

#[test]
fn in_json_each_of_them_prints_one_document_and_no_token() {
    let (operator, device) = (Home::new(), Home::new());
    let server = operator.serve();
    let waiting = Waiting::begin(&device, &server, &["--json"]);
    let approved = operator.subrosa(&["device", "approve", &waiting.code, "--yes", "--json"]);
    let approved = approved.done();
    assert_eq!(
        (approved.json()["schema"].as_str(), &*approved.err),
        (Some("subrosa.device/v1"), "")
    );
    let login = waiting.end().done();
    let shown = one_document(login.text());
    assert_eq!(shown["schema"], "subrosa.login/v1");
    assert_eq!(shown["scopes"], serde_json::json!(["secrets:read", "secrets:reveal"]));
    assert!(!login.text().contains(&token_in(&place(&device))));
    let waiting = Waiting::begin(&device, &server, &["--json"]);
    let denied = operator.subrosa(&["device", "deny", &waiting.code, "--json"]).done();
    assert_eq!(denied.json()["schema"], "subrosa.device/v1");
    let over = waiting.end();
    let problem = one_document(&(over.err.lines().last().unwrap().to_owned() + "\n"));
    assert_eq!(
        (problem["code"].as_str(), problem["exitCode"].as_u64()),
        (Some("device-over"), Some(4))
    );
    let logout = device.subrosa(&["logout", "--json"]).done();
    assert_eq!(logout.json()["schema"], "subrosa.logout/v1");
    assert_eq!((logout.json()["revoked"].as_bool(), &*logout.err), (Some(true), ""));
}
