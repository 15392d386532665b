//! Groups, who belongs to them, and what is said to them or to some people.

use contracts::http::{
    BroadcastBody, GroupBody, GroupListBody, MemberListBody, NewGroup, NewMessage,
    NewMessageToUsers, SentBody, ToldBody,
};
use testkit::build::a_group;

use crate::openapi::operation::{Operation, at};

fn listed() -> GroupListBody {
    GroupListBody {
        groups: vec![GroupBody::from(&a_group(1))],
        next_cursor: None,
    }
}

fn hello() -> NewMessage {
    NewMessage {
        kind: None,
        title: "Hello".to_owned(),
        message: "The sale begins.".to_owned(),
        data: [("page".to_owned(), "sale".to_owned())].into(),
    }
}

/// The groups.
pub(super) fn groups() -> Vec<Operation> {
    let group = GroupBody::from(&a_group(1));
    let new = NewGroup {
        name: group.name.clone(),
    };
    vec![
        at(
            "GET /api/v1/groups",
            "listOwnGroups",
            "The groups that the caller belongs to.",
        )
        .answers(200, "All of them.", &listed()),
        at(
            "GET /api/v1/admin/groups",
            "listGroups",
            "The groups of the shop, in the order of their ids.",
        )
        .pages()
        .answers(200, "A page of them.", &listed()),
        at(
            "POST /api/v1/admin/groups",
            "createGroup",
            "Makes a group. Its id is made of the key.",
        )
        .once()
        .takes(&new)
        .answers(201, "Made.", &group)
        .with(&["Location"])
        .refuses(409, &["id-taken", "too-many-groups"]),
        at(
            "GET /api/v1/admin/groups/{id}",
            "getGroup",
            "A group of the shop.",
        )
        .answers(200, "The group.", &group),
        at(
            "DELETE /api/v1/admin/groups/{id}",
            "endGroup",
            "Ends a group for good, and its list: nobody belongs to it any more.",
        )
        .answers_nothing(204, "There is no such group any more."),
    ]
}

/// Who belongs to them.
pub(super) fn members() -> Vec<Operation> {
    let members = MemberListBody {
        members: vec!["ada".to_owned()],
        next_cursor: None,
    };
    vec![
        at(
            "GET /api/v1/admin/groups/{id}/members",
            "listMembers",
            "Who belongs to a group.",
        )
        .pages()
        .answers(200, "A page of them.", &members),
        at(
            "PUT /api/v1/admin/groups/{id}/members/{customer}",
            "addMember",
            "Somebody with an account belongs to the group from now on.",
        )
        .answers_nothing(204, "They do.")
        .refuses(409, &["no-account"]),
        at(
            "DELETE /api/v1/admin/groups/{id}/members/{customer}",
            "removeMember",
            "Somebody does not belong to the group any more. What is on its way to their sockets still arrives.",
        )
        .answers_nothing(204, "They do not."),
    ]
}

/// What is said to them, or to some people.
pub(super) fn messages() -> Vec<Operation> {
    let broadcast = BroadcastBody {
        id: "message/0f7e1f4e-7d3a-8c55-9d6d-4f9f9b6a1c03".to_owned(),
        number: 1,
    };
    let to_users = NewMessageToUsers {
        users: vec!["ada".to_owned()],
        notification: hello(),
    };
    let sent = SentBody {
        told: vec![ToldBody {
            user_id: "ada".to_owned(),
            id: "message/0f7e1f4e-7d3a-8c55-9d6d-4f9f9b6a1c03/ada".to_owned(),
            number: 1,
        }],
        unknown: Vec::new(),
    };
    vec![
        at(
            "POST /api/v1/admin/groups/{id}/notifications",
            "broadcastToGroup",
            "Says something to all who belong to a group: once into its list, and over their sockets.",
        )
        .once()
        .takes(&hello())
        .answers(201, "Said.", &broadcast),
        at(
            "POST /api/v1/admin/notifications",
            "sendToUsers",
            "Says something to up to 100 people: into the list of each, and over their sockets. Nothing is mailed.",
        )
        .once()
        .takes(&to_users)
        .answers(201, "Said to those whom the shop knows.", &sent),
    ]
}
