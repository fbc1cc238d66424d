import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct PrometheusTests {}
}

extension IntegrationTests.PrometheusTests {
    private static let tenant = "prometheus"

    @Test(
        .timeLimit(.minutes(5)),
        .enabled(if: PrometheusProcess.isInstalled && ThrowawayPostgres.unavailableReason == nil)
    )
    func `queries agree with the Prometheus that wrote the data`() throws {
        let single = try EngramProcess.single()
        let cluster = try LocalCluster()
        // Its end leaves stale markers, as does a target that is removed from a job.
        let mortal = try EngramProcess.single()
        let proxy = try TenantProxy(
            tenant: Self.tenant,
            upstreams: cluster.distributors.map(\.port)
        )
        let prometheus = try PrometheusProcess(
            targets: [
                ("engram", single.port), ("distributor", cluster.distributors[0].port),
                ("mortal", mortal.port), ("shrinking", single.port),
                ("shrinking", mortal.port),
            ],
            receivers: [single.port, proxy.port]
        )
        try prometheus.start()
        let subjects = [
            Subject(name: "single", client: single.queries()),
            Subject(name: "cluster", client: cluster.queriers[0].queries(tenant: Self.tenant)),
            Subject(name: "cluster", client: cluster.queriers[1].queries(tenant: Self.tenant)),
        ]

        let first = try subjects.map { try awaitFirstSample($0, prometheus) }.max() ?? 0
        try awaitSamples(until: first + 12_000, subjects, prometheus)
        mortal.killNow()
        prometheus.targets.removeAll { $0.job == "shrinking" && $0.port == single.port }
        try prometheus.reload()
        try eventually(within: 60, "the end of targets", every: 0.3) {
            let alive = "engram_build_info{job=~\"mortal|shrinking\"}"
            return try prometheus.queries.instant(alive, at: Moment.now).isEmpty
        }
        let second = max(first + 30_000, Moment.now + 5_000)
        try awaitSamples(until: second, subjects, prometheus)
        var comparison = try PrometheusComparison(prometheus.queries, from: first, to: second)
        try comparison.checkThatItShowsStaleness()
        for subject in subjects { try comparison.check(subject, "memory") }

        try single.flush()
        try cluster.flush()
        for subject in subjects { try comparison.check(subject, "flush") }

        cluster.ingesters[1].killNow()
        for subject in subjects { try comparison.check(subject, "an ingester less") }
        let accepted = proxy.acceptedCount
        try eventually(within: 20, "writes with an ingester less") {
            proxy.acceptedCount > accepted + 2
        }
        try cluster.start()
        let third = try newestSample(prometheus.queries) + 6_000
        try awaitSamples(until: third, subjects, prometheus)
        comparison = try PrometheusComparison(prometheus.queries, from: first, to: third)
        for subject in subjects { try comparison.check(subject, "ingester back") }

        try prometheus.stop()
        #expect(try single.stop() == 0)
        #expect(Set(try cluster.stop()) == [0])
        try single.start()
        try cluster.start()
        let restart = Moment.now
        try prometheus.start()
        for subject in subjects { try comparison.check(subject, "restart") }
        for subject in subjects {
            try eventually(within: 60, "new samples after the restart", every: 0.3) {
                try newestSample(subject.client) > restart
            }
        }
    }

    /// - Returns: a time, in milliseconds, from which on everything that was scraped is there.
    private func awaitFirstSample(
        _ subject: Subject,
        _ prometheus: PrometheusProcess
    ) throws -> Int64 {
        var first: Int64?
        try eventually(within: 60, "samples in \(subject.name): \(prometheus.log)", every: 0.3) {
            let now = Moment.now
            let stored = try subject.client.samples("up", now - 120_000...now)
            first = stored.compactMap { $0.values?.first?.timestamp }.min()
            return first != nil
        }
        // Each target has been scraped once more after the first sample arrived.
        return (first ?? 0) + Int64(PrometheusProcess.scrapeInterval) * 1000
    }

    /// Waits until all have the samples of a time, and of all before it.
    private func awaitSamples(
        until time: Int64,
        _ subjects: [Subject],
        _ prometheus: PrometheusProcess
    ) throws {
        let margin = Int64(PrometheusProcess.scrapeInterval) * 1000 + 500
        for client in [prometheus.queries] + subjects.map(\.client) {
            try eventually(within: 90, "samples of \(time): \(prometheus.log)", every: 0.3) {
                try newestSample(client) > time + margin
            }
        }
    }

    /// Milliseconds; the oldest of the newest samples of targets that live all the time.
    private func newestSample(_ client: QueryClient) throws -> Int64 {
        let now = Moment.now
        let selector = "up{job=~\"prometheus|engram|distributor\"}"
        let stored = try client.samples(selector, now - 60_000...now)
        let newest = stored.compactMap { $0.values?.last?.timestamp }
        return newest.count == 3 ? newest.min() ?? 0 : 0
    }
}
