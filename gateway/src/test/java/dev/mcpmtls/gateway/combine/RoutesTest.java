// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoutesTest {

    private final Routes routes = new Routes(List.of("a", "b"));

    @Test
    void aResourceStaysWithTheServerThatHadItFirst() {
        assertThat(routes.claim("a", "file:///x")).isTrue();
        assertThat(routes.claim("b", "file:///x")).isFalse();
        assertThat(routes.owner("file:///x")).contains("a");
    }

    @Test
    void aNameThatIsTooLongToBeKeptBelongsToNoServer() {
        String kept = "x:" + "y".repeat(2_046);
        assertThat(routes.claim("a", kept)).isTrue();
        assertThat(routes.owner(kept)).contains("a");
        assertThat(routes.claim("a", kept + "y")).isTrue();
        assertThat(routes.owner(kept + "y")).isEmpty(); // so that every server's rules have to permit it
    }
}
