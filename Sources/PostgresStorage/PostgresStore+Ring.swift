import ClusterInterface
public import HashRing
import Synchronization

extension PostgresStore {
    public func register(_ member: RingMember) async throws -> RingMember {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants) { connection throws(StoreError) in
                let deletionsSeen = try Self.unsettledDeparture(of: member, connection)
                let rows = try connection.query(
                    """
                    with taken as (
                        insert into ring_epochs (instance, epoch) values ($1, 1)
                        on conflict (instance) do update set epoch = ring_epochs.epoch + 1,
                            deletions_seen = null
                        returning epoch
                    )
                    insert into ring_members as member (instance, address, http_address, zone,
                        state, tokens, epoch, deletions_seen, heartbeat_at)
                    select $1, $2, $3, $4, $5, $6, taken.epoch, case when $7 >= 0 then $7 end,
                        clock_timestamp()
                    from taken
                    on conflict (instance) do update set address = excluded.address,
                        http_address = excluded.http_address, zone = excluded.zone,
                        state = excluded.state, epoch = excluded.epoch,
                        heartbeat_at = excluded.heartbeat_at, stored_through = null,
                        tokens = case when cardinality(excluded.tokens) > 0
                            then excluded.tokens else member.tokens end
                    returning \(Self.memberColumns), member.tokens,
                        coalesce(member.deletions_seen, -1)
                    """,
                    [
                        .text(member.instance), .text(member.address), .text(member.httpAddress),
                        .text(member.zone), .text(member.state.rawValue),
                        .integers(member.tokens.map(Int64.init)),
                        .integer(deletionsSeen ?? -1),
                    ]
                )
                guard rows.rowCount == 1 else { throw .missing("the row just written") }
                var row = try Self.member(rows, row: 0)
                row.tokens = try Self.tokens(rows, row: 0, column: 8, of: member.instance)
                let seen = try rows.integer(row: 0, column: 9)
                row.deletionsSeen = seen < 0 ? nil : seen
                return row
            }
        }
    }

    /// Tokens that the row has already are not sent again: a row that holds them out of line is then small to update.
    public func heartbeat(_ member: RingMember) async throws {
        let areTokensStored = knownTokens.withLock { $0.isStored(member) }
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.cluster) { connection throws(StoreError) in
                let tokens: [PostgresParameter] =
                    areTokensStored ? [] : [.integers(member.tokens.map(Int64.init))]
                let result = try connection.query(
                    """
                    update ring_members
                    set state = $3, \(areTokensStored ? "" : "tokens = $6,")
                        deletions_seen = case when $5 >= 0 then $5 end,
                        heartbeat_at = clock_timestamp(),
                        stored_through = case when $4 >= 0
                            then clock_timestamp() - $4 * interval '1 millisecond' end
                    where instance = $1 and epoch = $2
                    """,
                    [
                        .text(member.instance), .integer(member.epoch),
                        .text(member.state.rawValue),
                        .integer(member.unstoredAge ?? -1), .integer(member.deletionsSeen ?? -1),
                    ] + tokens
                )
                guard result.changedRowCount == 0 else { return }
                guard let epoch = try Self.epoch(of: member, connection) else {
                    throw .missing("ring member \"\(member.instance)\"")
                }
                throw .fenced(instance: member.instance, epoch: epoch)
            }
        }
        knownTokens.withLock { $0.note(member) }
    }

    /// Removes the row; one that is gone already is no error, so that a call may be repeated.
    public func unregister(_ member: RingMember) async throws {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.allTenants) { connection throws(StoreError) in
                let carriedOut = try connection.query(
                    """
                    select coalesce(min(number) filter (where phase = 'ordered') - 1, max(number), 0)
                    from deletions
                    """,
                    []
                )
                _ = try connection.query(
                    """
                    update ring_epochs set deletions_seen = coalesce(member.deletions_seen, $3)
                    from ring_members member
                    where ring_epochs.instance = $1 and member.instance = $1 and member.epoch = $2
                    """,
                    [
                        .text(member.instance), .integer(member.epoch),
                        .integer(try carriedOut.integer(row: 0, column: 0)),
                    ]
                )
                let result = try connection.query(
                    "delete from ring_members where instance = $1 and epoch = $2",
                    [.text(member.instance), .integer(member.epoch)]
                )
                guard result.changedRowCount == 0 else { return }
                guard let epoch = try Self.epoch(of: member, connection) else { return }
                throw .fenced(instance: member.instance, epoch: epoch)
            }
        }
    }

    /// Tokens are read of those members only whose tokens this process has not read before.
    public func members() async throws -> [RingMember] {
        try await withSchema { [self] worker throws(StoreError) in
            try worker.transaction(.cluster, readOnly: true) { connection throws(StoreError) in
                let rows = try connection.query(
                    "select \(Self.memberColumns) from ring_members member order by instance",
                    []
                )
                var members: [RingMember] = []
                members.reserveCapacity(rows.rowCount)
                var unknown: [Int] = []
                let known = knownTokens.withLock { $0 }
                for row in 0..<rows.rowCount {
                    var member = try Self.member(rows, row: row)
                    if let tokens = known.tokens(of: member) {
                        member.tokens = tokens
                    } else {
                        unknown.append(row)
                    }
                    members.append(member)
                }
                if !unknown.isEmpty { try Self.readTokens(of: unknown, in: &members, connection) }
                knownTokens.withLock { known in
                    for index in unknown { known.note(members[index]) }
                    known.keep(only: members)
                }
                return members
            }
        }
    }

    /// - Parameter indices: Those of the members whose tokens are wanted, ascending.
    private static func readTokens(
        of indices: [Int],
        in members: inout [RingMember],
        _ connection: PostgresConnection
    ) throws(StoreError) {
        let rows = try connection.query(
            """
            select instance, epoch, tokens from ring_members
            where instance = any($1) order by instance
            """,
            [.texts(indices.map { members[$0].instance })]
        )
        var row = 0
        for index in indices where row < rows.rowCount {
            // A row that was deleted since is passed over; both are in the same order.
            guard try rows.text(row: row, column: 0) == members[index].instance else { continue }
            members[index].epoch = try rows.integer(row: row, column: 1)
            members[index].tokens = try tokens(
                rows,
                row: row,
                column: 2,
                of: members[index].instance
            )
            row += 1
        }
    }

    /// What is noted of an identity that left the ring, where there are deletions that it knows nothing of.
    ///
    /// Two statements: where tables are spread over several servers, these two may be on different ones.
    private static func unsettledDeparture(
        of member: RingMember,
        _ connection: PostgresConnection
    ) throws(StoreError) -> Int64? {
        let departures = try connection.query(
            """
            select deletions_seen from ring_epochs
            where instance = $1 and deletions_seen is not null for update
            """,
            [.text(member.instance)]
        )
        guard departures.rowCount == 1 else { return nil }
        let seen = try departures.integer(row: 0, column: 0)
        let later = try connection.query(
            "select number from deletions where number > $1 limit 1",
            [.integer(seen)]
        )
        return later.rowCount == 0 ? nil : seen
    }

    /// Without the tokens.
    private static let memberColumns = """
        member.instance, member.address, member.http_address, member.zone, member.state,
        member.epoch, greatest(0,
            extract(epoch from clock_timestamp() - member.heartbeat_at) * 1000)::bigint,
        case when member.stored_through is null then -1 else greatest(0,
            extract(epoch from clock_timestamp() - member.stored_through) * 1000)::bigint end
        """

    private static func epoch(
        of member: RingMember,
        _ connection: PostgresConnection
    ) throws(StoreError) -> Int64? {
        let rows = try connection.query(
            "select epoch from ring_members where instance = $1",
            [.text(member.instance)]
        )
        return rows.rowCount == 0 ? nil : try rows.integer(row: 0, column: 0)
    }

    private static func member(
        _ rows: borrowing PostgresResult,
        row: Int
    ) throws(StoreError) -> RingMember {
        let instance = try rows.text(row: row, column: 0)
        let stateName = try rows.text(row: row, column: 4)
        guard let state = MemberState(rawValue: stateName) else {
            throw .corrupt("ring member \"\(instance)\" has the state \"\(stateName)\"")
        }
        let unstoredAge = try rows.integer(row: row, column: 7)
        return RingMember(
            instance: instance,
            address: try rows.text(row: row, column: 1),
            httpAddress: try rows.text(row: row, column: 2),
            zone: try rows.text(row: row, column: 3),
            state: state,
            tokens: [],
            epoch: try rows.integer(row: row, column: 5),
            heartbeatAge: try rows.integer(row: row, column: 6),
            unstoredAge: unstoredAge < 0 ? nil : unstoredAge
        )
    }

    private static func tokens(
        _ rows: borrowing PostgresResult,
        row: Int,
        column: Int,
        of instance: String
    ) throws(StoreError) -> [UInt32] {
        var tokens: [UInt32] = []
        for token in try rows.integers(row: row, column: column) {
            guard let token = UInt32(exactly: token) else {
                throw .corrupt("ring member \"\(instance)\" has the token \(token)")
            }
            tokens.append(token)
        }
        return tokens
    }
}
