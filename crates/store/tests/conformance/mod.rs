//! What every engine must do, as functions that any engine's tests can run against real files or servers.
//!
//! Each function says in its name who does what and sees what, and asserts it. [`conformance_suite!`] makes a test of
//! every one. The suite knows the port alone: no SQL, no engine, no cryptography but a toy chain.

pub(crate) mod audit;
pub(crate) mod bindings;
pub(crate) mod commits;
pub(crate) mod group_secrets;
pub(crate) mod groups;
pub(crate) mod isolation;
pub(crate) mod keys;
pub(crate) mod model;
pub(crate) mod readers;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod secrets;
pub(crate) mod signing_keys;
pub(crate) mod states;
pub(crate) mod tenants;
pub(crate) mod tokens;
pub(crate) mod toys;

use crate::port::Store;
use async_trait::async_trait;
use std::sync::Arc;

/// The lane the suite's stores write.
pub(crate) const LANE: u32 = 1;

/// Where a store is kept: an empty one at first, the same one each time it is opened.
#[async_trait]
pub(crate) trait Place: Send + Sync {
    /// Opens the store with [`LANE`] and the place's own clock and ids. The one opened before was closed or dropped.
    async fn open(&self) -> Arc<dyn Store>;

    /// The clock it is opened with.
    fn clock(&self) -> &toys::TestClock;
}

/// A test for each function of the suite; `$place` makes an empty [`Place`].
macro_rules! conformance_suite {
    ($place:expr) => {
        $crate::conformance::conformance_suite! { @tests $place;
            audit: each_tenants_events_form_one_chain, events_are_found_by_what_they_are_about,
                events_of_one_commit_are_read_from_any_place, many_writers_share_a_chain_without_gaps,
                newest_events_come_first_page_by_page, one_commit_speaks_in_several_chains;
            bindings: a_binding_is_named_once_and_changed_as_it_was_read, bindings_page_oldest_first;
            commits: a_closed_store_is_busy, a_commit_that_fails_leaves_nothing,
                changes_are_numbered_without_gaps_and_each_once, old_changes_are_pruned_and_numbers_not_reused,
                one_bad_commit_sinks_only_itself, the_listener_is_told_before_the_answer,
                two_writers_race_and_one_wins, what_was_accepted_is_answered_before_the_store_closes;
            group_secrets: a_group_lists_in_key_order, a_replaced_group_is_seen_before_or_after,
                each_groups_secrets_are_counted, groups_are_found_by_what_a_key_of_theirs_contains;
            groups: a_group_is_erased_as_it_was_read_and_empty, a_group_reads_back_whole,
                a_groups_name_is_taken_once_and_free_again_after_erasing, a_secret_needs_its_group,
                group_updates_are_compare_and_set, groups_are_in_the_change_feed, groups_page_oldest_first,
                members_are_found_as_the_row_last_said;
            isolation: a_commit_cannot_write_another_tenants_rows, no_read_sees_another_tenants_rows;
            keys: a_key_only_moves_down_its_life, a_revision_needs_the_active_key,
                a_rewrap_replaces_only_what_was_read, a_store_is_initialised_once;
            readers: actors_are_counted_once_since_their_latest_use,
                readers_are_forgotten_with_time_and_with_their_secret;
            runs: a_clean_end_leaves_no_gap, a_sudden_end_is_told_once_to_each_chain,
                a_second_sealer_is_refused, an_early_commit_is_refused,
                reading_an_idle_chain_tells_it_of_the_gap, two_sudden_ends_make_one_gap_from_the_first;
            secrets: a_key_is_taken_once_and_free_again_after_erasing, a_revision_number_is_given_once,
                a_secret_reads_back_whole, erasing_a_secret_takes_all_that_hangs_on_it,
                grants_are_given_listed_and_taken_back, secrets_page_newest_first,
                updates_are_compare_and_set, versions_and_publications_page_newest_first;
            signing_keys: a_deleted_tenants_signing_keys_are_not_found, a_signing_key_follows_its_tenants_key,
                signing_keys_read_back_whole_newest_first;
            states: a_checkpoint_is_made_of_each_position_once, a_commit_that_fails_moves_no_state,
                a_lane_goes_on_from_a_later_position, chains_have_checkpoints_by_number_and_by_time,
                the_lane_counts_commits_and_weighs_heads, the_state_follows_every_kind_of_row;
            tenants: a_deleted_tenant_takes_no_rows_but_still_has_events, a_slug_is_taken_while_its_tenant_lives,
                counters_follow_the_rows, erasing_a_tenant_leaves_its_row_and_its_events,
                everything_is_there_after_reopening, tenants_page_newest_first;
            tokens: a_token_is_found_with_its_principal, a_tokens_name_is_free_again_after_its_revocation,
                activities_page_newest_first_over_tokens, an_identity_is_one_principals_for_good,
                an_update_writes_everything_that_may_change,
                later_uses_win_and_lost_rows_are_passed_over, names_of_the_living_are_unique,
                tokens_list_by_kind_and_by_principal;
        }
    };
    (@tests $place:expr; $($module:ident: $($test:ident),+;)+) => {$(
        mod $module {
            use super::*;
            $(
                #[tokio::test]
                async fn $test() {
                    $crate::conformance::$module::$test(&$place).await;
                }
            )+
        }
    )+};
}

pub(crate) use conformance_suite;
