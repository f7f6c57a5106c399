// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayKeyTest {

    @TempDir
    Path directory;

    @Test
    void isMadeOnceForItsOwnerOnly() throws Exception {
        Path file = directory.resolve("store/gateway.key");
        byte[] made = GatewayKey.in(file);
        assertThat(made).hasSize(32);
        assertThat(GatewayKey.in(file)).isEqualTo(made);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void isNotUsedWhenOthersCouldHaveWrittenItOrItIsNone() throws Exception {
        Path file = directory.resolve("gateway.key");
        GatewayKey.in(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatThrownBy(() -> GatewayKey.in(file)).isInstanceOf(SetupException.class);

        Path short1 = Files.writeString(directory.resolve("short.key"), "AAAA\n");
        Files.setPosixFilePermissions(short1, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> GatewayKey.in(short1)).hasMessageContaining("holds no key");
    }
}
