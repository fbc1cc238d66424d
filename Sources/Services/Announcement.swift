internal import ServiceSupport

/// What `engram` tells a person who has just started it.
enum Announcement {
    static func write(host: String, port: Int) {
        let url = "http://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(port)"
        StandardError.write(
            """

            Engram is ready at \(url)

              A first query (Engram stores its own metrics):
                curl '\(url)/prometheus/api/v1/query?query=engram_build_info'

              Prometheus, in prometheus.yml:
                remote_write:
                  - url: \(url)/api/v1/push

              Grafana: add a data source of type Prometheus with the URL \(url)/prometheus


            """
        )
    }
}
