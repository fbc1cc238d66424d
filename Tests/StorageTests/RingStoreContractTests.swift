import ClusterInterface
import HashRing
import MetricsModel
import Testing

@Suite struct RingStoreContractTests {
    private func member(_ instance: String = "ingester-1", tokens: [UInt32] = []) -> RingMember {
        RingMember(
            instance: instance,
            address: "10.0.0.1:9021",
            httpAddress: "http://10.0.0.1:9020",
            zone: "a",
            state: .joining,
            tokens: tokens
        )
    }

    /// Without what the store's clock says.
    private func timeless(_ members: [RingMember]) -> [RingMember] {
        members.map { member in
            var member = member
            member.heartbeatAge = 0
            member.unstoredAge = nil
            return member
        }
    }

    @Test(arguments: StoreKind.available)
    func `what is unstored is told with the heartbeat and grows older`(kind: StoreKind) async throws
    {
        try await kind.withStore { store in
            var current = try await store.register(member())
            #expect(current.unstoredAge == nil)
            current.unstoredAge = 5000
            try await store.heartbeat(current)
            var age: Int64 = 0
            while age < 5030 {
                age = try #require(try await store.members().first?.unstoredAge)
                #expect((5000..<60_000).contains(age))
            }
            current.unstoredAge = nil
            try await store.heartbeat(current)
            #expect(try await store.members().map(\.unstoredAge) == [nil])
            current.unstoredAge = 1
            try await store.heartbeat(current)
            // A process that takes the identity has not said it yet.
            #expect(try await store.register(member()).unstoredAge == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a member registers with the first epoch and is listed`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            #expect(try await store.members().isEmpty)
            var expected = member(tokens: [0, 7, 1 << 31, .max])
            let registered = try await store.register(expected)
            expected.epoch = 1
            #expect(timeless([registered]) == [expected])
            #expect((0..<10_000).contains(registered.heartbeatAge))
            _ = try await store.register(member("ingester-0"))
            #expect(try await store.members().map(\.instance) == ["ingester-0", "ingester-1"])
            #expect(timeless(try await store.members()).last == expected)
        }
    }

    @Test(arguments: StoreKind.available)
    func `taking an identity raises the epoch and keeps the tokens`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let first = try await store.register(member(tokens: [1, 2]))
            var replacement = member()
            replacement.address = "10.0.0.2:9021"
            replacement.state = .pending
            let second = try await store.register(replacement)
            #expect(second.epoch == first.epoch + 1)
            #expect(second.tokens == [1, 2])
            #expect(second.address == "10.0.0.2:9021")
            #expect(second.state == .pending)
            let third = try await store.register(member(tokens: [3]))
            #expect(third.tokens == [3])
            #expect(third.epoch == second.epoch + 1)
            #expect(try await store.members().count == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a member that comes back is told of deletions that were carried out without it`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let (red, blue) = (try TenantID("red"), try TenantID("blue"))
            let range = TimeRange(start: 100, end: 500)
            func order(_ tenant: TenantID) async throws -> SeriesDeletion {
                try await store.order([], of: tenant, in: range)
            }
            var member = try await store.register(member())
            let before = try await order(red)
            try await store.advance(before, to: .stored)
            let waiting = try await order(blue)
            try await store.unregister(member)
            // Again, as a call that was not answered: what was noted stays.
            let without = try await order(red)
            try await store.advance(without, to: .done)
            try await store.unregister(member)
            member = try await store.register(self.member())
            #expect(member.deletionsSeen == before.number)
            // A crash before it has settled that: the next process is told as well, also after another departure.
            try await store.heartbeat(member)
            member = try await store.register(self.member())
            #expect(member.deletionsSeen == before.number)
            try await store.unregister(member)
            member = try await store.register(self.member())
            #expect(member.deletionsSeen == before.number)
            member.deletionsSeen = nil
            try await store.heartbeat(member)
            #expect(try await store.register(self.member()).deletionsSeen == nil)

            // All from the first that waits on count as unseen, as it may be carried out by those who know nothing of its return.
            member = try await store.register(self.member())
            try await store.unregister(member)
            member = try await store.register(self.member())
            #expect(member.deletionsSeen == waiting.number - 1)
            member.deletionsSeen = nil
            try await store.heartbeat(member)
            try await store.advance(waiting, to: .stored)
            try await store.unregister(member)
            #expect(try await store.register(self.member()).deletionsSeen == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a heartbeat sets state and tokens`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            var current = try await store.register(member())
            for state in MemberState.allCases {
                current.state = state
                current.tokens = [5, 6]
                try await store.heartbeat(current)
                #expect(timeless(try await store.members()) == timeless([current]))
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `tokens of those who join, come back and go are read while others' are known`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            var expected: [String: [UInt32]] = [:]
            func check() async throws {
                let members = try await store.members()
                #expect(members.map(\.instance) == expected.keys.sorted())
                for member in members { #expect(member.tokens == expected[member.instance]) }
            }
            for number: UInt32 in 0..<12 {
                let name = "ingester-\(number % 5)"
                // Registered without tokens, seen so, and given some: as an ingester that joins does.
                var joining = member(name)
                joining.state = .pending
                joining = try await store.register(joining)
                #expect(joining.tokens == expected[name] ?? [])
                expected[name] = joining.tokens
                try await check()
                if joining.tokens.isEmpty { joining.tokens = [number, number + 100] }
                joining.state = .joining
                try await store.heartbeat(joining)
                expected[name] = joining.tokens
                try await check()
                joining.state = .active
                try await store.heartbeat(joining)
                try await check()
                if number % 3 == 2 {
                    try await store.unregister(joining)
                    expected[name] = nil
                    try await check()
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a replaced process is fenced`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let old = try await store.register(member(tokens: [1]))
            let new = try await store.register(member())
            let fenced = StoreError.fenced(instance: "ingester-1", epoch: new.epoch)
            await #expect(throws: fenced) { try await store.heartbeat(old) }
            await #expect(throws: fenced) { try await store.unregister(old) }
            #expect(timeless(try await store.members()) == timeless([new]))
            try await store.heartbeat(new)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a member that has gone has no heartbeat and never gets its epoch back`(
        kind: StoreKind
    ) async throws {
        try await kind.withStore { store in
            let first = try await store.register(member())
            try await store.unregister(first)
            #expect(try await store.members().isEmpty)
            let error = await #expect(throws: StoreError.self) { try await store.heartbeat(first) }
            guard case .missing? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            try await store.unregister(first)
            let second = try await store.register(member())
            #expect(second.epoch > first.epoch)
            await #expect(throws: StoreError.self) { try await store.heartbeat(first) }
        }
    }

    @Test(arguments: StoreKind.available)
    func `the age of a heartbeat grows until the next`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let current = try await store.register(member())
            var age: Int64 = 0
            while age < 30 { age = try #require(try await store.members().first).heartbeatAge }
            try await store.heartbeat(current)
            let next = try #require(try await store.members().first)
            #expect(next.heartbeatAge < 10_000)
            #expect(next.heartbeatAge >= 0)
        }
    }

    @Test(arguments: StoreKind.available)
    func `epochs of processes that come at once all differ`(kind: StoreKind) async throws {
        try await kind.withStore { store in
            let newcomer = member()
            let epochs = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<8 { group.addTask { try await store.register(newcomer).epoch } }
                return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
            }
            #expect(epochs == Set(1...8))
            #expect(try await store.members().map(\.epoch) == [8])
        }
    }
}
