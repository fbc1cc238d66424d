import ClusterInterface
import Synchronization

/// All that an ingester did to its log and its store, in order; a crash keeps a beginning of it.
final class Journal: Sendable {
    enum Event {
        case appended([UInt8], segment: UInt64)
        case removed(below: UInt64)
        case published(NewBlock)
    }

    private let state = Mutex<[Event]>([])

    init(_ events: some Sequence<Event> = []) { state.withLock { $0 = Array(events) } }

    var events: [Event] { state.withLock { $0 } }

    var count: Int { state.withLock { $0.count } }

    func add(_ event: Event) { state.withLock { $0.append(event) } }
}

extension Sequence<Journal.Event> {
    /// The records that are in the log after these events, with their segments.
    var records: [(segment: UInt64, bytes: [UInt8])] {
        var records: [(segment: UInt64, bytes: [UInt8])] = []
        for event in self {
            switch event {
            case .appended(let bytes, let segment): records.append((segment, bytes))
            case .removed(let limit): records.removeAll { $0.segment < limit }
            case .published: break
            }
        }
        return records
    }

    /// The blocks that are in the store after these events.
    var blocks: [NewBlock] {
        compactMap { event in
            guard case .published(let block) = event else { return nil }
            return block
        }
    }
}
