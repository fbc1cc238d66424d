import TestSupport
import Testing

/// Tenants that write to a cluster and ask it, and what they know of it.
final class ChaosLoad {
    let books: [SampleBook]
    let reader: ChaosReader
    private let writers: [ChaosWriter]
    private let queriers: [EngramProcess]

    init(_ cluster: ChaosCluster, tenants: Int) {
        let start = Moment.now
        books = (0..<tenants).map { SampleBook(tenant: "team-\($0)", start: start) }
        let ports = cluster.distributors.map(\.port)
        writers = books.map { ChaosWriter(book: $0, ports: ports) }
        queriers = cluster.queriers
        reader = ChaosReader(books: books, ports: cluster.queriers.map(\.port))
    }

    /// Writes and asks while the work lasts.
    ///
    /// - Parameter recent: Asks only of so many of the newest requests.
    func run(
        recent: Int? = nil,
        during work: () throws -> Void
    ) throws -> (writes: ChaosWriter.Outcome, reads: ChaosReader.Outcome) {
        let stop = StopFlag()
        let writing = writers.map { writer in Background { writer.run(until: stop) } }
        let reader = reader
        let reading = (0..<2).map { number in
            Background {
                reader.run(until: stop, seed: ChaosSettings.seed + UInt64(number), recent: recent)
            }
        }
        let outcome = Result { try work() }
        stop.set()
        var writes = ChaosWriter.Outcome()
        for one in writing { writes.add(try one.join()) }
        var reads = ChaosReader.Outcome()
        for one in reading { reads.add(try one.join()) }
        if case .failure = outcome {
            let report = ChaosReport()
            report.figures(books, writes)
            report.figures(reads)
        }
        try outcome.get()
        return (writes, reads)
    }

    /// Waits until every writer goes on after what was done last.
    func awaitWriters(_ report: ChaosReport) throws {
        let began = report.seconds
        let before = books.map(\.settled)
        try eventually(within: 120, "writers that go on", every: 0.1) {
            zip(books, before).allSatisfy { $0.settled > $1 + 1 }
        }
        report.note("all tenants write again after \(Int(report.seconds - began)) s")
    }

    /// Compares every sample of every tenant with what each querier answers.
    func checkEverything(_ report: ChaosReport, _ stage: String) throws {
        var count = 0
        for book in books {
            for querier in queriers {
                let faults = try reader.check(book, port: querier.port)
                #expect(faults.isEmpty, "\(stage), \(book.tenant)")
                for fault in faults { report.note("  FAULT \(stage), \(book.tenant): \(fault)") }
                count += book.count * SampleBook.seriesCount
            }
        }
        report.note("\(stage): \(count) samples compared, each there once with its value")
    }
}
