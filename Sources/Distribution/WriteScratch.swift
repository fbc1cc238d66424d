internal import RemoteWrite
internal import Synchronization

/// Memory to decode one request in; taken from a pool and given back when the last replica has answered.
///
/// Unchecked: only the thread that prepares a request changes it. From then on until it is given back, which
/// the last reference to the request does, it is only read.
final class WriteScratch: @unchecked Sendable {
    var buffer = ReusableBuffer()
    var request = DecodedWriteRequest()

    /// Bytes held from the system.
    var capacity: Int { buffer.capacity + request.capacity }
}

/// Scratch memory that waits for its next request.
final class WriteScratchPool: Sendable {
    /// Enough for the requests of a few dozen connections at once.
    private static let maximumCount = 64
    /// Memory of an unusually large request is not kept.
    private static let maximumCapacity = 8 << 20

    private let free = Mutex<[WriteScratch]>([])

    func take() -> WriteScratch {
        free.withLock { $0.popLast() } ?? WriteScratch()
    }

    func give(back scratch: WriteScratch) {
        guard scratch.capacity <= Self.maximumCapacity else { return }
        free.withLock { free in
            if free.count < Self.maximumCount { free.append(scratch) }
        }
    }
}

/// Counts the bytes of requests that are being worked on, up to a bound.
final class InFlightBytes: Sendable {
    private let limit: Int
    private let used = Mutex(0)

    init(limit: Int) { self.limit = limit }

    var current: Int { used.withLock { $0 } }

    /// Takes bytes for a request, or refuses; what was taken is to be given back.
    func take(_ count: Int) -> Bool {
        used.withLock { used in
            guard used == 0 || count <= limit - used else { return false }
            used += count
            return true
        }
    }

    func give(back count: Int) {
        used.withLock { $0 -= count }
    }
}

/// Counts the requests that are being received or worked on, up to a bound.
final class InFlightRequests: Sendable {
    private let limit: Int
    private let count = Atomic(0)

    init(limit: Int) { self.limit = limit }

    var current: Int { count.load(ordering: .relaxed) }

    /// Takes a place, or refuses; what was taken is to be given back.
    func enter() -> Bool {
        guard count.add(1, ordering: .relaxed).newValue > limit else { return true }
        leave()
        return false
    }

    func leave() { count.subtract(1, ordering: .relaxed) }
}
