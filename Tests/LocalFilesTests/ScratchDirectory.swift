import ClusterInterface
import Foundation
import LocalFiles
import MetricsModel
import Synchronization
import WriteAheadLog

/// A directory for one test, gone with it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "engram-log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Names of the segment files, sorted.
    var segments: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".wal") }.sorted()
        }
    }

    /// What a machine that lost power now would find: the files, but nobody who has them.
    func snapshot() throws -> ScratchDirectory {
        let copy = try ScratchDirectory()
        for name in try segments {
            try FileManager.default.copyItem(
                atPath: path + "/" + name,
                toPath: copy.path + "/" + name
            )
        }
        return copy
    }

    /// The cuts that a replay finds; the tests' records are cuts with running numbers.
    func replay() throws -> (ids: [UInt64], segments: [UInt64], report: ReplayReport) {
        var ids: [UInt64] = []
        var segments: [UInt64] = []
        let report = try FileLog.replay(directory: path) { record, segment in
            guard case .cutFinished(_, let id) = record else { return }
            ids.append(id)
            segments.append(segment)
        }
        return (ids, segments, report)
    }
}

extension FileLog {
    /// Appends record number `id` to whatever segment is current.
    func append(_ id: UInt64) -> LogTicket {
        let record = LogRecordEncoder.cutFinished(tenant: .anonymous, id: id)
        while true {
            if let ticket = append(record, encodedFor: currentSegment) { return ticket }
        }
    }

    func store(_ id: UInt64) async throws { try await waitUntilDurable(append(id)) }
}

/// Bytes of a test record's frame, where its number is below 128.
let recordSize =
    LogRecordEncoder.cutFinished(tenant: .anonymous, id: 0).count + RecordFrame.headerSize

/// A number that threads count up.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    @discardableResult
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
