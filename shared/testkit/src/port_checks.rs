//! What every implementation of a port must do: one suite, run against the fakes here and
//! against DynamoDB in `dynamo-store`, so that fakes cannot lie. A check panics with what it
//! missed.
//!
//! ```text
//! testkit::check_orders!(async { FakeOrders::default() });
//! ```

pub mod accounts;
pub mod answers;
pub mod archive;
pub mod audit;
pub mod breakers;
pub mod catalogue;
pub mod claims;
pub mod closing;
pub mod copies;
pub mod facts;
pub mod figures;
pub mod files;
pub mod groups;
pub mod history;
pub mod inbox;
pub mod inventory;
pub mod jobs;
pub mod limits;
pub mod metrics;
pub mod news;
pub mod notifications;
pub mod orders;
pub mod presence;
pub mod queue;
pub mod realtime;
pub mod sales;
pub mod search;
pub mod sendings;
pub mod sockets;
pub mod states;
pub mod stock;
pub mod subscribers;

/// Makes a test of every check, each with a store of its own.
#[macro_export]
macro_rules! each_check {
    ($port:ident, $fresh:expr, [$($name:ident),* $(,)?]) => {
        $(
            #[tokio::test]
            async fn $name() {
                let fresh = $fresh.await;
                $crate::port_checks::$port::$name(&fresh).await;
            }
        )*
    };
}

/// Tests a store of orders; give a future of an empty one.
#[macro_export]
macro_rules! check_orders {
    ($fresh:expr) => {
        $crate::each_check!(
            orders,
            $fresh,
            [
                finds_nothing_where_nothing_was_stored,
                reads_back_every_state_of_an_order,
                refuses_to_create_an_order_twice,
                refuses_a_stale_version_and_tells_what_is_stored,
                lets_one_of_two_writers_win,
                decides_anew_after_a_conflict,
                pages_through_the_orders_of_a_customer_newest_first,
                lists_overdue_orders_first_by_first,
                leaves_ended_orders_out_of_the_open_ones,
                tells_which_orders_have_not_ended,
                moves_the_sweep_mark_forward_only,
                reads_many_orders_at_once,
                lists_what_was_placed_page_by_page_newest_first,
                lists_orders_between_two_times_over_days,
            ]
        );
        $crate::each_check!(states, $fresh, [reads_back_a_blank_order]);
        $crate::check_inbox!($fresh);
    };
}

/// Tests a store of stock and leases; give a future of an empty one.
#[macro_export]
macro_rules! check_inventory {
    ($fresh:expr) => {
        $crate::each_check!(
            inventory,
            $fresh,
            [
                knows_a_sku_once_it_is_put_in,
                hold_takes_all_lines,
                hold_takes_all_lines_or_none,
                hold_names_a_sku_that_is_not_stocked,
                hold_of_a_held_lease_tells_what_is_stored,
                a_held_lease_comes_before_a_shortage,
                hold_after_a_tombstone_is_refused,
                give_back_returns_the_pieces_once,
                give_back_of_nothing_leaves_a_tombstone,
                give_back_of_a_sold_lease_is_refused,
                extends_and_sells_without_moving_stock,
                never_sells_the_last_piece_twice,
            ]
        );
        $crate::each_check!(
            stock,
            $fresh,
            [
                a_movement_happens_once,
                movements_at_once_all_count,
                an_adjustment_takes_what_is_available_only,
                an_adjustment_of_an_unknown_sku_is_refused,
                there_are_never_more_than_the_most,
                orders_make_stock_low_and_releases_undo_it,
                movements_make_stock_low_and_undo_it,
                a_threshold_makes_stock_low_and_undoes_it,
                what_is_sold_out_is_low,
                pages_through_what_is_low,
            ]
        );
    };
}

/// Tests a store of payments; give a future of an empty one.
#[macro_export]
macro_rules! check_payments {
    ($fresh:expr) => {
        $crate::each_check!(
            states,
            $fresh,
            [
                reads_back_every_state_of_a_payment,
                reads_back_a_blank_payment
            ]
        );
        $crate::each_check!(closing, $fresh, [lists_payments_while_they_are_closing]);
        $crate::each_check!(news, $fresh, [remembers_news_by_their_ids]);
    };
}

/// Tests a store of shipments; give a future of an empty one.
#[macro_export]
macro_rules! check_shipments {
    ($fresh:expr) => {
        $crate::each_check!(
            states,
            $fresh,
            [
                reads_back_every_state_of_a_shipment,
                reads_back_a_blank_shipment
            ]
        );
        $crate::each_check!(closing, $fresh, [lists_shipments_while_they_are_cancelling]);
        $crate::each_check!(news, $fresh, [remembers_news_by_their_ids]);
    };
}

/// Tests a catalogue; give a future of an empty one.
#[macro_export]
macro_rules! check_catalogue {
    ($fresh:expr) => {
        $crate::each_check!(
            catalogue,
            $fresh,
            [
                finds_the_products_that_exist,
                finds_nothing_among_no_ids,
                finds_as_many_products_as_an_order_can_have,
                sets_a_product_up_again,
                takes_text_for_text,
                saves_a_product_from_the_version_that_was_read,
                knows_its_own_product_again,
                lists_products_by_status_in_order,
                moves_a_product_between_lists,
                keeps_courses_apart_from_products,
            ]
        );
    };
}

/// Tests an index that is searched; give a future of an empty one.
#[macro_export]
macro_rules! check_search {
    ($fresh:expr) => {
        $crate::each_check!(
            search,
            $fresh,
            [
                finds_by_words_and_beginnings,
                finds_products_and_courses,
                keeps_the_newest_state,
                what_is_withdrawn_is_not_found,
                filters_by_price_and_shop,
                pages_through_what_fits,
                takes_any_text_for_text,
                rewrites_what_is_as_new,
                lists_and_forgets_entries,
            ]
        );
    };
}

/// Tests a history of notifications; give a future of an empty one.
#[macro_export]
macro_rules! check_history {
    ($fresh:expr) => {
        $crate::each_check!(
            history,
            $fresh,
            [
                remembers_nothing_at_first,
                remembers_a_whole_notification,
                remembers_in_any_order_and_once,
                a_mark_stays_whenever_it_comes,
                marks_up_to_a_hundred_at_once,
                tells_a_window_of_what_it_has,
                histories_of_two_readers_are_apart,
                a_closed_history_is_empty_for_good,
                remembers_any_text_as_it_is,
            ]
        );
    };
}

/// Tests a store of audit chains; give a future of an empty one.
#[macro_export]
macro_rules! check_audit {
    ($fresh:expr) => {
        $crate::each_check!(
            audit,
            $fresh,
            [
                finds_nothing_in_an_empty_chain,
                reads_back_everything_that_a_record_can_hold,
                gives_a_position_to_one,
                takes_a_message_once,
                reads_page_by_page_with_its_gaps,
                erases_values_and_keeps_the_chain,
                finds_the_entry_of_a_message,
                two_writers_share_a_chain,
            ]
        );
    };
}

/// Tests a store of idempotency keys; give a future of an empty one.
#[macro_export]
macro_rules! check_claims {
    ($fresh:expr) => {
        $crate::each_check!(
            claims,
            $fresh,
            [
                gives_a_key_to_one,
                keeps_the_first_answer,
                takes_an_answer_from_the_holder_only,
                hands_a_claim_over_once,
                gives_a_key_back,
                forgets_what_expired,
            ]
        );
    };
}

/// Tests the inbox of a consumer; give a future of an empty one.
#[macro_export]
macro_rules! check_inbox {
    ($fresh:expr) => {
        $crate::each_check!(
            inbox,
            $fresh,
            [
                reads_back_an_inbox,
                refuses_an_inbox_that_moved_meanwhile,
                lists_the_gaps_that_are_due,
            ]
        );
    };
}

/// Tests what the consumer `notify` keeps; give a future of an empty store.
#[macro_export]
macro_rules! check_realtime {
    ($fresh:expr) => {
        $crate::each_check!(
            realtime,
            $fresh,
            [
                keeps_a_contact,
                forgets_a_contact,
                counts_two_tries_and_gives_up,
                gives_up_what_may_have_been_sent,
                knows_what_was_sent,
                takes_a_try_back,
                tells_what_was_sent,
                knows_what_was_refused,
            ]
        );
        $crate::each_check!(
            notifications,
            $fresh,
            [
                knows_of_no_list_at_first,
                reads_back_a_whole_notification,
                numbers_a_list_without_gaps,
                keeps_an_event_once,
                gives_a_number_to_one,
                lists_of_two_readers_are_apart,
                tells_a_page_of_what_is_there,
                marks_are_never_taken_back,
                marks_nothing_that_was_not_told,
                leaves_the_choices_that_are_not_named,
                hears_the_newest_of_an_account,
                forgets_a_list_for_good,
                an_event_of_a_list_is_mailed_as_any_other,
                goes_through_all_lists,
            ]
        );
        $crate::each_check!(
            subscribers,
            $fresh,
            [
                knows_who_wants_to_hear_of_courses,
                goes_through_all_who_want_to_hear_of_courses,
                a_page_goes_on_where_the_one_before_ended_whoever_left,
            ]
        );
        $crate::each_check!(
            presence,
            $fresh,
            [
                gives_a_ticket_to_one,
                keeps_a_ticket_of_no_session,
                knows_the_sockets_of_a_topic,
                lets_sockets_leave_a_topic,
                knows_the_sockets_of_all_slices,
                has_room_for_so_many,
                reads_a_topic_slice_by_slice,
            ]
        );
        $crate::check_inbox!($fresh);
    };
}

/// Tests a store of accounts and sessions; give a future of an empty one.
#[macro_export]
macro_rules! check_accounts {
    ($fresh:expr) => {
        $crate::each_check!(
            accounts,
            $fresh,
            [
                knows_nobody_at_first,
                finds_an_account_by_id_and_address,
                gives_an_address_to_one_account,
                reads_back_a_whole_account,
                counts_two_wrong_codes_of_the_same_moment,
                refuses_a_stale_account,
                frees_the_address_of_an_erased_account,
                moves_an_account_and_frees_its_old_address,
                refuses_to_move_to_a_taken_address,
                refuses_to_move_a_stale_account,
                knows_its_own_move_again,
                lets_one_of_two_move_to_an_address,
                reads_back_a_session,
                lets_one_of_two_rotations_win,
                does_not_begin_a_session_twice,
                reads_back_an_api_key,
                lists_the_keys_of_a_shop_newest_first_until_they_are_taken_back,
                knows_its_own_write_again,
                goes_through_all_accounts,
            ]
        );
        $crate::check_groups!($fresh);
    };
}

/// Tests a queue with groups; give a future of an empty one.
#[macro_export]
macro_rules! check_queue {
    ($fresh:expr) => {
        $crate::each_check!(
            queue,
            $fresh,
            [
                reads_back_what_was_sent,
                gives_each_group_in_its_order,
                hides_a_group_while_some_of_it_are_out,
                gives_again_what_was_given_back,
                keeps_what_is_not_deleted,
                drops_a_repeat,
                counts_what_waits_and_what_is_out,
            ]
        );
    };
}

/// Tests the rows of limits; give a future of an empty store.
#[macro_export]
macro_rules! check_limits {
    ($fresh:expr) => {
        $crate::each_check!(
            limits,
            $fresh,
            [
                knows_no_row_at_first,
                adds_up_what_is_taken,
                takes_nothing_where_too_much_is_held,
                moves_what_is_held,
                forgets_what_is_over,
                lets_as_many_take_as_there_is_room_for,
            ]
        );
    };
}

/// Tests the rows of breakers; give a future of an empty store.
#[macro_export]
macro_rules! check_breakers {
    ($fresh:expr) => {
        $crate::each_check!(
            breakers,
            $fresh,
            [
                knows_no_trouble_at_first,
                reads_back_every_state_of_a_breaker,
                refuses_a_breaker_that_moved_meanwhile,
            ]
        );
    };
}

/// Tests what is kept of messages that go out over third parties; give a future of an empty store.
#[macro_export]
macro_rules! check_sendings {
    ($fresh:expr) => {
        $crate::each_check!(
            sendings,
            $fresh,
            [
                reads_back_a_sending,
                refuses_a_sending_that_moved_meanwhile,
                lists_the_sendings_that_are_due,
            ]
        );
    };
}

/// Tests a store of figures; give a future of an empty one.
#[macro_export]
macro_rules! check_figures {
    ($fresh:expr) => {
        $crate::each_check!(
            figures,
            $fresh,
            [
                reads_back_what_was_counted,
                counts_an_order_once_of_two,
                counts_orders_at_once,
                keeps_the_newest_courses,
            ]
        );
    };
}

/// Tests what is kept of what other services have; give a future of an empty store.
#[macro_export]
macro_rules! check_copies {
    ($fresh:expr) => {
        $crate::each_check!(
            copies,
            $fresh,
            [
                reads_back_a_copy,
                refuses_a_copy_that_moved_meanwhile,
                lists_the_copies_that_are_behind,
                counts_the_copies_that_are_behind,
                reads_back_how_services_stand,
            ]
        );
    };
}

/// Tests a way to sockets; give a future of one that holds none.
#[macro_export]
macro_rules! check_sockets {
    ($fresh:expr) => {
        $crate::each_check!(
            sockets,
            $fresh,
            [
                posts_to_one_socket_what_was_said,
                tells_which_socket_is_gone
            ]
        );
    };
}
