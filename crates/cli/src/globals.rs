//! The flags that every command has, before the verb or after it.

use std::path::PathBuf;

/// Where the server is, which tenant is meant, and how to answer.
#[derive(clap::Args, Clone, Debug)]
pub struct Globals {
    /// The server's data directory; commands speak over its socket, as the operator
    /// [default: $XDG_DATA_HOME/subrosa]
    #[arg(long, value_name = "DIR", env = "SUBROSA_DATA", global = true)]
    pub data: Option<PathBuf>,

    /// Speak HTTP to this server instead, with a token from SUBROSA_TOKEN_FILE, SUBROSA_TOKEN, the login kept
    /// for this server, or a prompt
    #[arg(long, value_name = "URL", env = "SUBROSA_SERVER", global = true)]
    pub server: Option<String>,

    /// Let the token and values cross a network over plain http://
    #[arg(long, global = true)]
    pub insecure_http: bool,

    /// Which tenant [default: the login's, else the only one]
    #[arg(long, value_name = "SLUG", env = "SUBROSA_TENANT", global = true)]
    pub tenant: Option<String>,

    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,
}

impl Globals {
    /// Whether a data directory is named.
    pub(crate) fn names_data(&self) -> bool {
        self.data.as_ref().is_some_and(|data| !data.as_os_str().is_empty())
    }

    /// The data directory: the one named, else the user's own. `None` when there is no home to look in.
    #[must_use]
    pub fn data_dir(&self) -> Option<PathBuf> {
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        self.data.clone().filter(|data| !data.as_os_str().is_empty()).or_else(|| {
            base_dir(variable("XDG_DATA_HOME"), variable("HOME"), ".local/share")
                .map(|base| base.join("subrosa"))
        })
    }
}

/// A base directory of the XDG specification: the variable's, if it is absolute, else the one under home.
#[must_use]
pub fn base_dir(xdg: Option<PathBuf>, home: Option<PathBuf>, under_home: &str) -> Option<PathBuf> {
    xdg.filter(|path| path.is_absolute())
        .or_else(|| home.filter(|path| path.is_absolute()).map(|home| home.join(under_home)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_directory_follows_xdg_and_ignores_relative_paths() {
        let base = |xdg: Option<&str>, home: Option<&str>| {
            base_dir(xdg.map(Into::into), home.map(Into::into), ".local/share")
        };
        assert_eq!(base(Some("/x"), Some("/h")), Some("/x".into()));
        assert_eq!(base(Some("x"), Some("/h")), Some("/h/.local/share".into()));
        assert_eq!(base(Some(""), Some("/h")), Some("/h/.local/share".into()));
        assert_eq!(base(None, None), None);
    }
}
