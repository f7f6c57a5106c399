// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Listens when the program's beans are complete, lets calls in progress end when it stops, and keeps the program running in between. */
final class MtlsServerLifecycle implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(MtlsServerLifecycle.class);

    private final MtlsServerTransport transport;
    private final Duration grace;
    private final String access;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean running;

    MtlsServerLifecycle(MtlsServerTransport transport, MtlsServerProperties settings, AccessPolicy policy) {
        this.transport = transport;
        this.grace = settings.getGrace();
        this.access = settings.getPolicy() != null
                ? "access rules of " + settings.getPolicy()
                : policy.isOpen() ? "every accepted peer may make every call" : "an access policy of the program";
    }

    @Override
    public void start() {
        transport.start();
        running = true;
        Thread alive = new Thread(this::awaitStop, "mcp-mtls-server");
        alive.setDaemon(false); // the event loops are daemons, and a program without a web server has no other thread
        alive.start();
        log.info("MCP server over mutual TLS at {}: {}", transport.uri(), access);
    }

    private void awaitStop() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop(Runnable callback) {
        running = false;
        stopped.countDown();
        var unused = transport.shutdown(grace).whenComplete((done, failure) -> callback.run());
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** As Spring Boot's own servers do: calls in progress end before the beans that they use. */
    @Override
    public int getPhase() {
        return SmartLifecycle.DEFAULT_PHASE - 1024;
    }
}
