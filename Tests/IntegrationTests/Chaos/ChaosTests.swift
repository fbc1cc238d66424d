import TestSupport
import Testing

extension IntegrationTests {
    /// `make chaos MINUTES=10` and `make outage MINUTES=30` run these for longer.
    @Suite(.enabled(if: ThrowawayPostgres.unavailableReason == nil))
    struct ChaosTests {}
}

extension IntegrationTests.ChaosTests {
    @Test(.timeLimit(.minutes(180)))
    func `whatever breaks, nothing acknowledged is lost and no query shows a hole`() throws {
        let report = ChaosReport()
        var host: IsolatedHost?
        do {
            host = try IsolatedHost()
        } catch {
            report.note("no host is cut off, the machine allows no network of its own: \(error)")
        }
        let cluster = try ChaosCluster(host: host)
        let load = ChaosLoad(cluster, tenants: 4)
        report.note("the cluster is ready; seed \(ChaosSettings.seed)")
        let run = ChaosRun(cluster, report, seed: ChaosSettings.seed)
        let (writes, reads) = try load.run {
            try run.run(seconds: ChaosSettings.chaosSeconds)
            try load.awaitWriters(report)
        }
        report.figures(load.books, writes)
        report.figures(reads)
        report.note(
            "events: "
                + run.counts.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
        )
        #expect(Set(writes.refusals.keys).isSubset(of: [429, 503]), "\(writes.texts)")
        #expect(reads.faults.isEmpty)
        #expect(Set(reads.failures.keys).isSubset(of: ["503", "no connection"]))
        #expect(reads.answered > reads.failedCount)
        #expect(load.books.allSatisfy { $0.acknowledgedCount == $0.count })

        try load.checkEverything(report, "at the end")
        try cluster.flush()
        try load.checkEverything(report, "after a flush")
    }

    @Test(.timeLimit(.minutes(180)))
    func `without the database windows wait, recent queries are whole, and all is stored later`()
        throws
    {
        let report = ChaosReport()
        let cluster = try ChaosCluster()
        let load = ChaosLoad(cluster, tenants: 2)
        report.note("the cluster is ready")
        let before = try load.run {
            breathe(6)
            try cluster.flush()
            // Longer than what is asked for while the database is away.
            breathe(8)
        }
        #expect(before.writes.refusals.isEmpty, "\(before.writes.texts)")
        #expect(before.reads.faults.isEmpty && before.reads.failures.isEmpty)
        let old = 0...8
        // What was flushed goes up to the end of these.
        let flushed = load.books[0].count

        report.note("PostgreSQL stops")
        cluster.postgres.stopImmediately()
        let stopped = report.seconds
        let books = load.books
        var refusal = ChaosReader.Outcome()
        let outage = try load.run(recent: 10) {
            load.reader.ask(
                "count_over_time",
                of: books[0],
                old,
                port: cluster.queriers[0].port,
                &refusal
            )
            try Self.awaitFailedFlushes(cluster, within: 180)
            report.note("a flush has failed on each ingester")
            let least = ChaosSettings.outageSeconds ?? 0
            while report.seconds - stopped < least { breathe(1) }
        }
        let due = Moment.now / Int64(1000 * ChaosCluster.blockSeconds)
        report.note("PostgreSQL was away for \(Int(report.seconds - stopped)) s")
        report.figures(books, outage.writes)
        report.figures(outage.reads)
        #expect(outage.writes.refusals.isEmpty, "\(outage.writes.texts)")
        #expect(outage.writes.brokenConnections == 0)
        #expect(outage.reads.faults.isEmpty)
        #expect(outage.reads.failures.isEmpty, "\(outage.reads.failures)")
        #expect(outage.reads.withoutStore > 0 && outage.reads.answered > 10)
        #expect(books.allSatisfy { $0.count > flushed })
        let text = refusal.failures["503"]?.text ?? ""
        #expect(refusal.failedCount == 1)
        #expect(text.contains("the store does not answer"), "\(text)")
        #expect(text.contains("without it only samples from "), "\(text)")
        report.note("an older range: \(text)")

        try cluster.postgres.startAgain()
        let back = report.seconds
        let border = due * Int64(1000 * ChaosCluster.blockSeconds)
        for book in books {
            let wanted = (0..<book.count).count { book.time(of: $0) < border }
            try eventually(within: 400, "blocks of all of \(book.tenant)", every: 0.5) {
                try cluster.storedSamples(of: book.tenant, before: border)
                    >= wanted * SampleBook.seriesCount
            }
        }
        report.note("all windows are stored \(Int(report.seconds - back)) s after its return")
        try cluster.awaitReady()
        try load.checkEverything(report, "after the outage")
        for ingester in cluster.ingesters { #expect(try ingester.stop(within: 120) == 0) }
        for ingester in cluster.ingesters { try ingester.launch() }
        try cluster.awaitReady()
        try load.checkEverything(report, "all from blocks")
    }

    /// Waits until each ingester has failed to store a window that was over.
    private static func awaitFailedFlushes(
        _ cluster: ChaosCluster,
        within seconds: Double
    ) throws {
        for ingester in cluster.ingesters {
            try eventually(within: seconds, "a flush that fails in \(ingester.log)", every: 0.5) {
                let count = try ingester.metric("engram_ingester_flush_failures_total")
                return count > 0
            }
        }
    }
}
