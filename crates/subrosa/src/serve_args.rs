//! The flags of `subrosa serve`, their twins in the environment, and where things are when neither says.

use clap::ValueEnum;
use std::{env, net::SocketAddr, path::PathBuf};
use subrosa_cli::{Globals, base_dir};
use subrosa_server::{
    Listen, Places, ServeOptions, TlsFiles,
    http::{LimiterOptions, Network},
};

/// Start the server. Without a flag it serves this machine alone, from an embedded store that it makes itself.
#[derive(clap::Args, Debug)]
pub(crate) struct ServeArgs {
    /// Where to listen; beyond this machine only with TLS or behind a proxy
    #[arg(long, value_name = "ADDR", env = "SUBROSA_LISTEN", default_value = "127.0.0.1:7420")]
    listen: SocketAddr,

    #[command(flatten)]
    places: PlaceArgs,

    /// A configuration file in TOML: issuers of tokens, hosts of tenants, where people reach this server
    #[arg(long, value_name = "FILE", env = "SUBROSA_CONFIG")]
    config: Option<PathBuf>,

    /// How much to log; no level logs a value
    #[arg(long, value_enum, env = "SUBROSA_LOG_LEVEL", default_value_t = LogLevel::Info)]
    log_level: LogLevel,

    /// A proxy you run ends TLS in front of this server
    #[arg(long, env = "SUBROSA_BEHIND_PROXY")]
    behind_proxy: bool,

    /// The certificate chain to serve with, in PEM
    #[arg(long, value_name = "FILE", env = "SUBROSA_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", env = "SUBROSA_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// A proxy you run, as an address or a network: its X-Forwarded-For says whom a request comes from.
    /// Nobody else's is read, for a client can write anything into it
    #[arg(
        long = "trusted-proxy",
        value_name = "CIDR",
        env = "SUBROSA_TRUSTED_PROXY",
        value_delimiter = ','
    )]
    trusted_proxies: Vec<Network>,

    /// How many unknown credentials a second one address may send; beyond it they are told to wait, so
    /// that a flood costs little. A valid credential never waits. 0 sets no limit
    #[arg(
        long = "unknown-credentials-per-second",
        value_name = "N",
        env = "SUBROSA_UNKNOWN_CREDENTIALS_PER_SECOND",
        default_value_t = LimiterOptions::default().unknown_per_second
    )]
    unknown_per_second: u32,

    /// How much memory sealed secrets may be kept in, in MiB. What does not fit is read from the store, at
    /// about twice the cost
    #[arg(
        long,
        value_name = "N",
        env = "SUBROSA_CACHE_MIB",
        default_value_t = 256,
        value_parser = clap::value_parser!(u32).range(1..=1_048_576)
    )]
    cache_mib: u32,
}

/// Where a deployment is kept.
#[derive(clap::Args, Debug)]
pub(crate) struct PlaceArgs {
    /// Where rows are kept, as sqlite:PATH [default: sqlite in the data directory]
    #[arg(long, value_name = "URL", env = "SUBROSA_STORE")]
    store: Option<String>,

    /// The root key, made if it is not there; never in the data directory
    /// [default: $XDG_CONFIG_HOME/subrosa/root.key]
    #[arg(long, value_name = "FILE", env = "SUBROSA_ROOT_KEY")]
    root_key: Option<PathBuf>,

    /// Where the last checkpoint of the store is kept, which tells an older copy from the latest; never in the data
    /// directory [default: $XDG_STATE_HOME/subrosa]
    #[arg(long, value_name = "DIR", env = "SUBROSA_CHECKPOINT_DIR")]
    checkpoint_dir: Option<PathBuf>,
}

/// How much to log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// There is no home directory to put something in that was not named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoPlace {
    /// For the data: `--data`.
    Data,
    /// For the root key: `--root-key`.
    RootKey,
    /// For the checkpoint: `--checkpoint-dir`.
    Checkpoints,
}

impl ServeArgs {
    /// How much to log.
    pub(crate) const fn log_level(&self) -> LogLevel {
        self.log_level
    }

    /// Fills in the defaults.
    pub(crate) fn settle(self, globals: &Globals) -> Result<ServeOptions, NoPlace> {
        Ok(ServeOptions {
            places: self.places.settle(globals)?,
            listen: Listen {
                address: self.listen,
                tls: self
                    .tls_cert
                    .zip(self.tls_key)
                    .map(|(certificate, key)| TlsFiles { certificate, key }),
                behind_proxy: self.behind_proxy,
                trusted_proxies: self.trusted_proxies,
            },
            config: self.config.filter(|path| !path.as_os_str().is_empty()),
            unknown_per_second: self.unknown_per_second,
            cache_bytes: u64::from(self.cache_mib) * 1024 * 1024,
        })
    }
}

impl PlaceArgs {
    /// Fills in the defaults.
    pub(crate) fn settle(self, globals: &Globals) -> Result<Places, NoPlace> {
        let variable = |name| env::var_os(name).map(PathBuf::from);
        let named = |path: Option<PathBuf>| path.filter(|path| !path.as_os_str().is_empty());
        let root_key = named(self.root_key).or_else(|| {
            base_dir(variable("XDG_CONFIG_HOME"), variable("HOME"), ".config")
                .map(|base| base.join("subrosa/root.key"))
        });
        let checkpoint_dir = named(self.checkpoint_dir).or_else(|| {
            base_dir(variable("XDG_STATE_HOME"), variable("HOME"), ".local/state")
                .map(|base| base.join("subrosa"))
        });
        Ok(Places {
            data: globals.data_dir().ok_or(NoPlace::Data)?,
            store: self.store.filter(|store| !store.is_empty()),
            root_key: root_key.ok_or(NoPlace::RootKey)?,
            checkpoint_dir: checkpoint_dir.ok_or(NoPlace::Checkpoints)?,
        })
    }
}
