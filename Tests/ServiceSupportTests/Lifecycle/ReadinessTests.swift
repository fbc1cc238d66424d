import ServiceSupport
import Testing

@Suite struct ReadinessTests {
    @Test func `a process is ready when all its conditions are`() {
        let readiness = Readiness(waitingFor: ["wal", "ring"])
        #expect(readiness.report() == (false, "ring: starting\nwal: starting\n"))
        readiness.set("wal", .ready)
        readiness.set("ring", .notReady(reason: "joining"))
        #expect(!readiness.isReady)
        #expect(readiness.report() == (false, "ring: joining\n"))
        readiness.set("ring", .ready)
        #expect(readiness.isReady)
        #expect(readiness.report() == (true, "ready\n"))
    }

    @Test func `a condition that comes later counts, and one that is lost again too`() {
        let readiness = Readiness()
        #expect(readiness.isReady)
        readiness.set("store", .notReady(reason: "unreachable"))
        #expect(readiness.report().body == "store: unreachable\n")
        readiness.set("store", .ready)
        #expect(readiness.isReady)
    }
}
