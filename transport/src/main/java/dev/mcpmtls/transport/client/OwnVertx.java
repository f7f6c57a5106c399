// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

/** Event loops for one transport: one daemon thread, nothing on disk. */
public final class OwnVertx {

    private OwnVertx() {}

    /** Starts them; the caller closes them. */
    public static Vertx create() {
        return Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    }
}
