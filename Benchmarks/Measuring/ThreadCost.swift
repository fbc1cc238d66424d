internal import CAllocationCounting
internal import Glibc

/// What this thread has used so far; the difference of two is what lies between them.
public struct ThreadCost: Sendable {
    /// CPU time, ns; the runner's own counts ticks of 10 ms.
    public var cpuTime: Int
    /// Calls that allocate.
    public var allocationCount: Int
    /// Bytes these asked for, freed or not.
    public var allocatedBytes: Int

    /// What the calling thread has used since it began.
    public static var soFar: ThreadCost {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return ThreadCost(
            cpuTime: time.tv_sec * 1_000_000_000 + time.tv_nsec,
            allocationCount: Int(engram_allocation_count()),
            allocatedBytes: Int(engram_allocated_bytes())
        )
    }

    public static func - (end: ThreadCost, start: ThreadCost) -> ThreadCost {
        ThreadCost(
            cpuTime: end.cpuTime - start.cpuTime,
            allocationCount: end.allocationCount - start.allocationCount,
            allocatedBytes: end.allocatedBytes - start.allocatedBytes
        )
    }
}
