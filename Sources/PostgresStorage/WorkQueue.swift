import ClusterInterface
import Dispatch
import Synchronization

/// Work that waits for one of a few threads that block.
///
/// A place is reserved first, so that giving up (a timeout, a cancelled task) and handing in the work may come
/// in any order.
final class WorkQueue: Sendable {
    /// A piece of work; exactly one of its closures is called, once.
    struct Job: Sendable {
        var run: @Sendable (PostgresWorker) -> Void
        var fail: @Sendable (any Error) -> Void
    }

    private enum Place {
        case reserved
        case waiting(Job)
        case givenUp(any Error)
    }

    private struct State {
        var places: [UInt64: Place] = [:]
        /// Places in the order their work came; those given up are skipped.
        var order: [UInt64] = []
        var lastID: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    /// One signal for each job handed in, so never fewer than jobs wait.
    private let signals = DispatchSemaphore(value: 0)

    /// Most calls that wait at a time.
    static let maximumWaiting = 1024

    /// - Throws: ``StoreError/unavailable(_:)`` where the queue is closed or full.
    func reserve() throws -> UInt64 {
        try state.withLock { state in
            guard !state.isClosed else { throw StoreError.unavailable("the store is closed") }
            guard state.places.count < Self.maximumWaiting else {
                throw StoreError.unavailable("\(Self.maximumWaiting) calls wait for a connection")
            }
            state.lastID += 1
            state.places[state.lastID] = .reserved
            return state.lastID
        }
    }

    func handIn(_ job: Job, for id: UInt64) {
        let refusal: (any Error)? = state.withLock { state in
            switch state.places[id] {
            case .reserved:
                state.places[id] = .waiting(job)
                state.order.append(id)
                return nil
            case .givenUp(let error):
                state.places[id] = nil
                return error
            case .waiting, nil:
                preconditionFailure("place \(id) has been used before")
            }
        }
        if let refusal { job.fail(refusal) } else { signals.signal() }
    }

    /// Fails work that no thread has begun; later is too late, and does nothing.
    func giveUp(_ id: UInt64, _ error: any Error) {
        let job: Job? = state.withLock { state in
            switch state.places[id] {
            case .reserved:
                state.places[id] = .givenUp(error)
                return nil
            case .waiting(let job):
                state.places[id] = nil
                return job
            case .givenUp, nil:
                return nil
            }
        }
        job?.fail(error)
    }

    /// Blocks until there is work; nil once the queue is closed.
    func next() -> Job? {
        while true {
            signals.wait()
            let (job, isClosed): (Job?, Bool) = state.withLock { state in
                while !state.order.isEmpty {
                    let id = state.order.removeFirst()
                    if case .waiting(let job) = state.places.removeValue(forKey: id) {
                        return (job, false)
                    }
                }
                return (nil, state.isClosed)
            }
            if let job { return job }
            if isClosed { return nil }
        }
    }

    /// Refuses new work and what waits; `threadCount` calls of ``next()`` return nil.
    func close(threadCount: Int) {
        let waiting: [Job] = state.withLock { state in
            guard !state.isClosed else { return [] }
            state.isClosed = true
            var jobs: [Job] = []
            for (id, place) in state.places {
                switch place {
                case .waiting(let job):
                    jobs.append(job)
                    state.places[id] = nil
                case .reserved: state.places[id] = .givenUp(Self.closedError)
                case .givenUp: break
                }
            }
            state.order = []
            return jobs
        }
        for job in waiting { job.fail(Self.closedError) }
        for _ in 0..<threadCount { signals.signal() }
    }

    private static let closedError = StoreError.unavailable("the store is closed")
}
