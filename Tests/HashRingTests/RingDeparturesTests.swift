import Testing

@testable import HashRing

@Suite struct RingDeparturesTests {
    @Test func `nothing is known of the time before the first look`() {
        var departures = RingDepartures()
        #expect(departures.knownSince == .max)
        departures.update([member("a")], at: 100)
        #expect(departures.knownSince == 100)
        departures.update([member("a"), member("b")], at: 200)
        #expect(departures.knownSince == 100)
    }

    @Test func `who is gone left before it was missed`() {
        var departures = RingDepartures()
        departures.update([member("a"), member("b")], at: 100)
        departures.update([member("a")], at: 200)
        departures.update([member("a")], at: 300)
        #expect(departures.knownSince == 200)
    }

    @Test func `who is back is asked again, once it is more than announced`() {
        var departures = RingDepartures()
        departures.update([member("a"), member("b")], at: 100)
        departures.update([member("a")], at: 200)
        departures.update([member("a"), member("b", state: .pending)], at: 300)
        #expect(departures.knownSince == 200)
        departures.update([member("a"), member("b", state: .joining)], at: 400)
        #expect(departures.knownSince == 100)
        departures.update([member("b")], at: 500)
        #expect(departures.knownSince == 500)
    }

    @Test func `in another zone it is another one`() {
        var departures = RingDepartures()
        departures.update([member("a"), member("b")], at: 100)
        departures.update([member("a"), member("b", zone: "z")], at: 200)
        #expect(departures.knownSince == 200)
    }

    @Test func `more departures than are remembered are forgotten by name, not by time`() {
        var departures = RingDepartures()
        let count = RingDepartures.maximumRemembered + 10
        departures.update((0..<count).map { member("m\($0)") }, at: 100)
        for left in 1...count {
            departures.update((left..<count).map { member("m\($0)") }, at: 100 + Int64(left))
        }
        #expect(departures.knownSince == 100 + Int64(count))
        // Those that left first cannot take back their time, those that left last can.
        departures.update((0..<count).map { member("m\($0)") }, at: 9000)
        #expect(departures.knownSince == 110)
    }

    private func member(
        _ instance: String,
        zone: String = "",
        state: MemberState = .active
    ) -> RingMember {
        RingMember(instance: instance, address: "", zone: zone, state: state, tokens: [1])
    }
}
