/// How far the end of a server has come; each step happens at most once.
struct ServerLife: Sendable {
    /// No more calls are taken; what runs goes on.
    let draining = StopSignal()
    /// What runs is to end, too.
    let aborted = StopSignal()
}
