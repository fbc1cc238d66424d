internal import Glibc

/// A thread of its own for work that blocks.
enum WriterThread {
    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// Runs a closure on a new thread, which ends with it.
    static func start(_ run: sending @escaping () -> Void) throws(FileLogError) {
        let body = Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            body.toOpaque()
        )
        guard code == 0 else {
            body.release()
            throw .system(operation: "start thread", path: "", code: code)
        }
        pthread_detach(thread)
    }
}
