// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same program beside what Quarkus pins, which {@code mcp-mtls-transport} could not share a class path with. */
@Tag("beside-older-vertx")
class BesideOlderVertxIT extends ReloadingClient {

    @ParameterizedTest
    @CsvSource({"io.vertx.core.Vertx,vertx-core-4.5.", "io.netty.handler.ssl.SslContext,netty-handler-4.1."})
    void findsTheOlderOneOnTheClassPath(String name, String jar) throws ClassNotFoundException {
        assertThat(Class.forName(name)
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .contains(jar);
    }
}
