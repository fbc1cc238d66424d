import HashRing
import Testing

@Suite struct RingMembershipTests {
    @Test func `a new instance registers, chooses tokens, replays and serves`() throws {
        var life = Self.life()
        #expect(life.handle(.started, at: 0) == [.replayLog, .register(life.member)])
        let registered = life.handle(.registered(Self.row(epoch: 3), others: []), at: 10)
        #expect(life.member.state == .joining)
        #expect(life.member.tokens.count == 16)
        #expect(life.member.epoch == 3)
        #expect(registered == [.serve(reads: false, writes: true), .heartbeat(life.member)])
        let replayed = life.handle(.logReplayed, at: 20)
        #expect(life.member.state == .active)
        #expect(life.phase == .serving)
        #expect(
            replayed == [.serve(reads: true, writes: true), .heartbeat(life.member)]
        )
    }

    @Test func `an instance that comes back keeps its tokens`() {
        var life = Self.life()
        _ = life.handle(.started, at: 0)
        _ = life.handle(.registered(Self.row(epoch: 4, tokens: [1, 2]), others: []), at: 0)
        #expect(life.member.tokens == [1, 2])
    }

    @Test func `the log is readable while the store is away, and writes wait for the store`() {
        var life = Self.life()
        _ = life.handle(.started, at: 0)
        #expect(life.handle(.logReplayed, at: 5) == [.serve(reads: true, writes: false)])
        #expect(life.handle(.storeFailed, at: 10).isEmpty)
        #expect(life.handle(.ticked, at: 1009).isEmpty)
        #expect(life.handle(.ticked, at: 1010) == [.register(life.member)])
        #expect(life.handle(.ticked, at: 9999).isEmpty)
        let effects = life.handle(.registered(Self.row(epoch: 1), others: []), at: 10_000)
        #expect(effects == [.serve(reads: true, writes: true), .heartbeat(life.member)])
    }

    @Test func `heartbeats follow each other at their interval, and sooner after a failure`() {
        var life = Self.servingLife()
        _ = life.handle(.heartbeatStored, at: 100)
        #expect(life.handle(.ticked, at: 5099).isEmpty)
        #expect(life.handle(.ticked, at: 5100) == [.heartbeat(life.member)])
        _ = life.handle(.storeFailed, at: 5200)
        #expect(life.handle(.ticked, at: 6200) == [.heartbeat(life.member)])
        #expect(life.phase == .serving)
    }

    @Test func `one that was forgotten registers again under its tokens`() {
        var life = Self.servingLife()
        let tokens = life.member.tokens
        #expect(life.handle(.forgotten, at: 500) == [.register(life.member)])
        #expect(life.member.tokens == tokens)
        #expect(life.handle(.storeFailed, at: 600).isEmpty)
        #expect(life.handle(.ticked, at: 1600) == [.register(life.member)])
        let row = Self.row(epoch: 9, tokens: tokens)
        let effects = life.handle(.registered(row, others: []), at: 1700)
        #expect(life.member.epoch == 9)
        #expect(life.member.state == .active)
        #expect(effects == [.heartbeat(life.member)])
        #expect(life.phase == .serving)
    }

    @Test func `a stop flushes everything before the row goes`() {
        var life = Self.servingLife()
        let effects = life.handle(.stopRequested, at: 1000)
        #expect(life.member.state == .leaving)
        #expect(
            effects == [
                .serve(reads: true, writes: false), .heartbeat(life.member), .flushEverything,
            ]
        )
        #expect(life.handle(.stopRequested, at: 1001).isEmpty)
        #expect(life.handle(.flushed, at: 2000) == [.unregister(life.member)])
        _ = life.handle(.storeFailed, at: 2100)
        #expect(life.handle(.ticked, at: 3100) == [.unregister(life.member)])
        #expect(life.handle(.unregistered, at: 3200) == [.stop(.left)])
        #expect(life.handle(.ticked, at: 99_999).isEmpty)
    }

    @Test func `a stop during replay leaves the log for the next start`() {
        var life = Self.life()
        _ = life.handle(.started, at: 0)
        #expect(
            life.handle(.stopRequested, at: 1)
                == [.serve(reads: false, writes: false), .stop(.left)]
        )
        #expect(life.handle(.logReplayed, at: 2).isEmpty)
    }

    @Test func `a stop without a store waits for it with everything flushed`() {
        var life = Self.life()
        _ = life.handle(.started, at: 0)
        _ = life.handle(.logReplayed, at: 1)
        #expect(
            life.handle(.stopRequested, at: 2)
                == [.serve(reads: true, writes: false), .flushEverything]
        )
        #expect(life.handle(.flushed, at: 3).isEmpty)
        let effects = life.handle(.registered(Self.row(epoch: 1), others: []), at: 4)
        #expect(effects == [.unregister(life.member)])
    }

    @Test func `a fenced instance stops at once`() {
        var life = Self.servingLife()
        #expect(
            life.handle(.fenced, at: 5) == [.serve(reads: false, writes: false), .stop(.fenced)]
        )
        #expect(life.handle(.registered(Self.row(epoch: 9), others: []), at: 6).isEmpty)
    }

    @Test func `read only refuses writes until it is taken back`() {
        var life = Self.servingLife()
        let refused = life.handle(.readOnlyRequested(true), at: 1)
        #expect(life.member.state == .readOnly)
        #expect(refused == [.serve(reads: true, writes: false), .heartbeat(life.member)])
        #expect(life.handle(.readOnlyRequested(true), at: 2).isEmpty)
        let taken = life.handle(.readOnlyRequested(false), at: 3)
        #expect(life.member.state == .active)
        #expect(taken == [.serve(reads: true, writes: true), .heartbeat(life.member)])
    }

    @Test func `read only asked for before the start holds after it`() {
        var life = Self.life()
        _ = life.handle(.started, at: 0)
        #expect(life.handle(.readOnlyRequested(true), at: 1).isEmpty)
        _ = life.handle(.registered(Self.row(epoch: 1), others: []), at: 2)
        _ = life.handle(.logReplayed, at: 3)
        #expect(life.member.state == .readOnly)
    }

    // MARK: Deletions that were carried out without it

    @Test func `one that comes back after deletions stores what it has before queries ask it`() {
        var life = Self.life()
        _ = life.handle(.started, at: 0)
        let row = Self.row(epoch: 2, tokens: [1, 2], deletionsSeen: 7)
        let registered = life.handle(.registered(row, others: []), at: 1)
        #expect(
            registered == [
                .setDeletionsSeen(7), .serve(reads: false, writes: true), .heartbeat(life.member),
            ]
        )
        #expect(life.member.deletionsSeen == 7)
        let replayed = life.handle(.logReplayed, at: 2)
        #expect(life.phase == .restoring)
        // Queriers ask none that is joining.
        #expect(life.member.state == .joining)
        #expect(
            replayed == [
                .serve(reads: true, writes: true), .heartbeat(life.member), .flushEverything,
            ]
        )
        let restored = life.handle(.flushed, at: 3)
        #expect(life.member.state == .active && life.member.deletionsSeen == nil)
        #expect(
            restored == [
                .setDeletionsSeen(nil), .serve(reads: true, writes: true), .heartbeat(life.member),
            ]
        )
    }

    @Test func `one that serves, is forgotten and finds deletions stores what it has, too`() {
        var life = Self.servingLife()
        _ = life.handle(.forgotten, at: 5)
        let row = Self.row(epoch: 2, tokens: life.member.tokens, deletionsSeen: 0)
        let effects = life.handle(.registered(row, others: []), at: 6)
        #expect(life.phase == .restoring && life.member.state == .joining)
        #expect(
            effects == [
                .setDeletionsSeen(0), .serve(reads: true, writes: true), .heartbeat(life.member),
                .flushEverything,
            ]
        )
        // Once more, while it stores: no second flush.
        _ = life.handle(.forgotten, at: 7)
        let again = life.handle(.registered(row, others: []), at: 8)
        #expect(again == [.heartbeat(life.member)])
        _ = life.handle(.flushed, at: 9)
        #expect(life.phase == .serving)
    }

    @Test func `one that is to stop or to take no writes while it stores does so`() {
        var life = Self.life()
        _ = life.handle(.started, at: 0)
        let row = Self.row(epoch: 2, tokens: [1, 2], deletionsSeen: 7)
        _ = life.handle(.registered(row, others: []), at: 1)
        _ = life.handle(.logReplayed, at: 2)
        #expect(
            life.handle(.readOnlyRequested(true), at: 3) == [.serve(reads: true, writes: false)]
        )
        #expect(
            life.handle(.readOnlyRequested(false), at: 4) == [.serve(reads: true, writes: true)]
        )
        #expect(life.handle(.stopRequested, at: 5) == [.serve(reads: true, writes: false)])
        let effects = life.handle(.flushed, at: 6)
        #expect(life.phase == .flushing && life.member.state == .leaving)
        #expect(
            effects == [
                .setDeletionsSeen(nil), .serve(reads: true, writes: false),
                .heartbeat(life.member), .flushEverything,
            ]
        )
        #expect(life.handle(.flushed, at: 7) == [.unregister(life.member)])
    }

    private static func life() -> RingMembership {
        RingMembership(
            member: RingMember(instance: "a", address: "a:1", state: .active, tokens: []),
            tokenCount: 16,
            tokenSeed: 1
        )
    }

    private static func servingLife() -> RingMembership {
        var life = life()
        _ = life.handle(.started, at: 0)
        _ = life.handle(.registered(row(epoch: 1), others: []), at: 0)
        _ = life.handle(.logReplayed, at: 0)
        return life
    }

    private static func row(
        epoch: Int64,
        tokens: [UInt32] = [],
        deletionsSeen: Int64? = nil
    ) -> RingMember {
        RingMember(
            instance: "a",
            address: "a:1",
            state: .pending,
            tokens: tokens,
            epoch: epoch,
            deletionsSeen: deletionsSeen
        )
    }
}
