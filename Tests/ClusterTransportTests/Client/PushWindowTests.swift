import ClusterInterface
import Testing

@testable import ClusterTransport

@Suite struct PushWindowTests {
    private let start = ContinuousClock.now
    private let payload = Payload(PushReply.goodbye)

    private func window(
        writes: Int = 3,
        bytes: Int = 1000,
        timeout: Duration = .seconds(10)
    ) -> PushWindow<String> {
        var settings = TransportSettings()
        settings.maximumPendingWrites = writes
        settings.maximumPendingBytes = bytes
        settings.writeTimeout = timeout
        return PushWindow(peer: "peer", settings: settings)
    }

    private func admit(
        _ name: String,
        to window: inout PushWindow<String>,
        after time: Duration = .zero
    ) -> UInt64 {
        let number = window.takeNumber()
        window.admit(name, number: number, payload: payload, at: start + time)
        return number
    }

    /// How many payloads the window hands out until it has none.
    private func send(from window: inout PushWindow<String>) -> Int {
        var count = 0
        while window.takePayload() != nil { count += 1 }
        return count
    }

    @Test func `writes are sent once`() {
        var window = window()
        _ = admit("a", to: &window)
        _ = admit("b", to: &window)
        let first = send(from: &window)
        _ = admit("c", to: &window)
        let second = send(from: &window)
        #expect([first, second] == [2, 1])
    }

    @Test func `a write whose number is admitted late is sent and expires`() {
        var window = window()
        let early = window.takeNumber()
        _ = admit("late number", to: &window)
        let first = send(from: &window)
        let expiredTooEarly = window.expire(at: start)
        window.admit("early number", number: early, payload: payload, at: start)
        let second = send(from: &window)
        let expired = window.expire(at: start + .seconds(10))
        #expect([first, second] == [1, 1])
        #expect(expiredTooEarly.isEmpty)
        #expect(expired == ["early number", "late number"])
    }

    @Test func `an ended write is not sent and ends once`() {
        var window = window()
        let number = admit("a", to: &window)
        let ended = [window.finish(number), window.finish(number)]
        let sent = send(from: &window)
        #expect(ended == ["a", nil])
        #expect(sent == 0)
        #expect(window.pendingBytes == 0)
    }

    @Test func `one write too many is refused until another has ended`() throws {
        var window = window(writes: 2)
        let first = admit("a", to: &window)
        _ = admit("b", to: &window)
        let refusal = try #require(window.refusal(ofSize: 1, at: start) as? IngesterError)
        #expect(refusal == .overloaded(what: "unanswered writes to peer", limit: 2))
        _ = window.finish(first)
        #expect(window.refusal(ofSize: 1, at: start) == nil)
    }

    @Test func `bytes too many are refused`() throws {
        var window = window(bytes: payload.size + 10)
        _ = admit("a", to: &window)
        #expect(window.refusal(ofSize: 10, at: start) == nil)
        let refusal = try #require(window.refusal(ofSize: 11, at: start) as? IngesterError)
        #expect(refusal == .overloaded(what: "unanswered bytes to peer", limit: payload.size + 10))
    }

    @Test func `writes expire when their time has passed and not before`() {
        var window = window()
        _ = admit("a", to: &window)
        let second = admit("b", to: &window, after: .seconds(1))
        _ = admit("c", to: &window, after: .seconds(2))
        _ = window.finish(second)
        let deadlines = [window.nextDeadline]
        let expired = [9, 10, 11, 12].map { window.expire(at: start + .seconds($0)) }
        #expect(deadlines == [start + .seconds(10)])
        #expect(expired == [[], ["a"], [], ["c"]])
        let last = window.nextDeadline
        #expect(last == nil)
    }

    @Test func `a peer that does not answer gets no more writes until it does`() throws {
        var window = window(writes: 10)
        let first = admit("a", to: &window)
        let second = admit("b", to: &window, after: .seconds(1))
        func refusal(after time: Duration) -> TransportError? {
            window.refusal(ofSize: 1, at: start + time) as? TransportError
        }
        let slow = TransportError.slow(peer: "peer", after: .seconds(2))
        #expect(refusal(after: .milliseconds(1999)) == nil)
        #expect(refusal(after: .seconds(2)) == slow)
        _ = window.answered(first)
        #expect(refusal(after: .milliseconds(2999)) == nil)
        #expect(refusal(after: .seconds(3)) == slow)
        _ = window.answered(second)
        #expect(refusal(after: .seconds(3)) == nil)
    }

    @Test func `a peer that let a write expire is tried with one at a time until it answers`()
        throws
    {
        var window = window(writes: 10)
        _ = admit("a", to: &window)
        _ = window.expire(at: start + .seconds(10))
        func isRefused(after time: Int) -> Bool {
            window.refusal(ofSize: 1, at: start + .seconds(time)) != nil
        }
        #expect(!isRefused(after: 10))
        let trial = admit("b", to: &window, after: .seconds(10))
        #expect(isRefused(after: 10))
        // A caller that goes away says nothing about the peer.
        _ = window.finish(trial)
        let second = admit("c", to: &window, after: .seconds(10))
        #expect(isRefused(after: 10))
        _ = window.answered(second)
        _ = admit("d", to: &window, after: .seconds(10))
        #expect(!isRefused(after: 10))
    }

    @Test func `a lost stream ends all writes and refuses new ones until the next try`() throws {
        var window = window()
        _ = admit("a", to: &window)
        _ = admit("b", to: &window)
        window.connected()
        let lost = window.lose(cause: "gone")
        let sent = send(from: &window)
        #expect(lost == ["a", "b"])
        #expect(sent == 0)
        let refusal = try #require(window.refusal(ofSize: 1, at: start) as? TransportError)
        #expect(refusal == .unavailable(peer: "peer", cause: "gone"))
        let triesAgain = window.beginConnecting()
        #expect(triesAgain)
        #expect(window.refusal(ofSize: 1, at: start) == nil)
    }

    @Test func `after a failed try writes are refused until the stream is open`() throws {
        var window = window()
        _ = admit("a", to: &window)
        let lost = window.lose(cause: "refused")
        let triesAgain = window.beginConnecting()
        #expect(lost == ["a"])
        #expect(triesAgain)
        let refusal = try #require(window.refusal(ofSize: 1, at: start) as? TransportError)
        #expect(refusal == .unavailable(peer: "peer", cause: "refused"))
        window.connected()
        #expect(window.refusal(ofSize: 1, at: start) == nil)
    }

    @Test func `a peer that leaves answers what was sent and gets nothing else`() throws {
        var window = window()
        window.connected()
        let sent = admit("sent", to: &window)
        _ = send(from: &window)
        _ = admit("unsent", to: &window)
        let ended = window.close()
        #expect(ended == ["unsent"])
        let refusal = try #require(window.refusal(ofSize: 1, at: start) as? IngesterError)
        #expect(refusal == .notAcceptingWrites(state: "leaving"))
        let answered = window.finish(sent)
        #expect(answered == "sent")
        _ = window.lose(cause: "closed")
        #expect(window.link == .down(cause: "closed", wasOpen: true))
    }

    @Test func `losing the stream twice is losing it once`() {
        var window = window()
        window.connected()
        _ = window.lose(cause: "broken")
        _ = window.lose(cause: "closed")
        #expect(window.link == .down(cause: "closed", wasOpen: true))
    }

    @Test func `a stopped window finishes what it has and takes nothing`() throws {
        var window = window()
        let number = admit("a", to: &window)
        window.stop()
        window.connected()
        let refusal = try #require(window.refusal(ofSize: 1, at: start) as? TransportError)
        #expect(refusal == .stopped(peer: "peer"))
        let sent = send(from: &window)
        let ended = window.finish(number)
        let triesAgain = window.beginConnecting()
        #expect(sent == 1)
        #expect(ended == "a")
        #expect(!triesAgain)
    }
}
