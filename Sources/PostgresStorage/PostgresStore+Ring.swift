import ClusterInterface
public import HashRing

extension PostgresStore {
    public func register(_ member: RingMember) async throws -> RingMember {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.cluster) { connection throws(StoreError) in
                let rows = try connection.query(
                    """
                    with taken as (
                        insert into ring_epochs (instance, epoch) values ($1, 1)
                        on conflict (instance) do update set epoch = ring_epochs.epoch + 1
                        returning epoch
                    )
                    insert into ring_members as member (instance, address, http_address, zone,
                        state, tokens, epoch, heartbeat_at)
                    select $1, $2, $3, $4, $5, $6, taken.epoch, clock_timestamp() from taken
                    on conflict (instance) do update set address = excluded.address,
                        http_address = excluded.http_address, zone = excluded.zone,
                        state = excluded.state, epoch = excluded.epoch,
                        heartbeat_at = excluded.heartbeat_at, stored_through = null,
                        tokens = case when cardinality(excluded.tokens) > 0
                            then excluded.tokens else member.tokens end
                    returning \(Self.memberColumns)
                    """,
                    [
                        .text(member.instance), .text(member.address), .text(member.httpAddress),
                        .text(member.zone), .text(member.state.rawValue),
                        .integers(member.tokens.map(Int64.init)),
                    ]
                )
                guard rows.rowCount == 1 else { throw .missing("the row just written") }
                return try Self.member(rows, row: 0)
            }
        }
    }

    public func heartbeat(_ member: RingMember) async throws {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.cluster) { connection throws(StoreError) in
                let result = try connection.query(
                    """
                    update ring_members
                    set state = $3, tokens = $4, heartbeat_at = clock_timestamp(),
                        stored_through = case when $5 >= 0
                            then clock_timestamp() - $5 * interval '1 millisecond' end
                    where instance = $1 and epoch = $2
                    """,
                    [
                        .text(member.instance), .integer(member.epoch),
                        .text(member.state.rawValue),
                        .integers(member.tokens.map(Int64.init)),
                        .integer(member.unstoredAge ?? -1),
                    ]
                )
                guard result.changedRowCount == 0 else { return }
                guard let epoch = try Self.epoch(of: member, connection) else {
                    throw .missing("ring member \"\(member.instance)\"")
                }
                throw .fenced(instance: member.instance, epoch: epoch)
            }
        }
    }

    /// Removes the row; one that is gone already is no error, so that a call may be repeated.
    public func unregister(_ member: RingMember) async throws {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.cluster) { connection throws(StoreError) in
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

    public func members() async throws -> [RingMember] {
        try await withSchema { worker throws(StoreError) in
            try worker.transaction(.cluster, readOnly: true) { connection throws(StoreError) in
                let rows = try connection.query(
                    "select \(Self.memberColumns) from ring_members member order by instance",
                    []
                )
                var members: [RingMember] = []
                for row in 0..<rows.rowCount { members.append(try Self.member(rows, row: row)) }
                return members
            }
        }
    }

    private static let memberColumns = """
        member.instance, member.address, member.http_address, member.zone, member.state,
        member.tokens, member.epoch, greatest(0,
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
        var tokens: [UInt32] = []
        for token in try rows.integers(row: row, column: 5) {
            guard let token = UInt32(exactly: token) else {
                throw .corrupt("ring member \"\(instance)\" has the token \(token)")
            }
            tokens.append(token)
        }
        let unstoredAge = try rows.integer(row: row, column: 8)
        return RingMember(
            instance: instance,
            address: try rows.text(row: row, column: 1),
            httpAddress: try rows.text(row: row, column: 2),
            zone: try rows.text(row: row, column: 3),
            state: state,
            tokens: tokens,
            epoch: try rows.integer(row: row, column: 6),
            heartbeatAge: try rows.integer(row: row, column: 7),
            unstoredAge: unstoredAge < 0 ? nil : unstoredAge
        )
    }
}
