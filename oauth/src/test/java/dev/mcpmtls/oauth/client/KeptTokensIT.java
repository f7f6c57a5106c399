// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import static dev.mcpmtls.oauth.client.OAuthWorld.SECRET;
import static dev.mcpmtls.oauth.client.OAuthWorld.await;
import static dev.mcpmtls.oauth.client.OAuthWorld.presented;
import static dev.mcpmtls.oauth.client.OAuthWorld.unauthorized;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tokens that outlive the process that fetched them. */
class KeptTokensIT extends OAuthWorldFixture {

    @Test
    void keepsTokensForTheNextProcessOfItsOwner() throws Exception {
        Path store = directory.resolve("tokens");
        await(world.program(SECRET).store(store).build().answer(unauthorized(), Optional.empty()));

        assertThat(presented(await(world.program(SECRET).store(store).build().current())))
                .isEqualTo("Bearer t-1");
        assertThat(await(world.client()
                        .issuer(world.issuer())
                        .client("agent-8", SECRET)
                        .store(store)
                        .build()
                        .current()))
                .isEmpty();
        assertThat(await(world.program(SECRET)
                        .issuer(world.origin() + "/other")
                        .store(store)
                        .build()
                        .current()))
                .isEmpty();
    }

    @Test
    void sharesNoUnboundTokenBetweenCredentials() throws Exception {
        Path store = directory.resolve("tokens");
        await(world.program(SECRET).store(store).build().answer(unauthorized(), Optional.empty()));

        world.own.replace(OAuthWorld.credential(world.ca.client("other")));
        OAuthClient other = world.program(SECRET).store(store).build();
        assertThat(await(other.current())).isEmpty();
        assertThat(presented(await(other.answer(unauthorized(), Optional.empty()))))
                .isEqualTo("Bearer t-2");

        world.own.replace(OAuthWorld.credential(world.ca.client("agent")));
        assertThat(presented(await(world.program(SECRET).store(store).build().current())))
                .as("the same name, renewed")
                .isEqualTo("Bearer t-1");
    }

    @Test
    void setsADamagedFileAsideAndFetchesAnotherToken() throws Exception {
        world.bindToKeys();
        Path store = directory.resolve("tokens");
        await(keyed(store).answer(unauthorized(), Optional.empty()));
        Path file = file(store);
        String good = Files.readString(file);
        int fetched = 1;
        for (String damaged : List.of(
                good.substring(0, good.length() / 2),
                "",
                good.replaceAll("\\\\\"d\\\\\":\\\\\"[^\\\\]*\\\\\",?", ""),
                good.replace("P-256", "P-999"),
                good.replaceAll("\"key\":\"(\\\\.|[^\"\\\\])*\"", "\"key\":\"x\""),
                good.replace("t-1", "t-1\\nX: y"),
                good.replace(world.issuer(), "no issuer"))) {
            assertThat(damaged).isNotEqualTo(good);
            Files.writeString(file, damaged);

            OAuthClient client = keyed(store);
            assertThat(await(client.current())).as(damaged).isEmpty();
            assertThat(presented(await(client.answer(unauthorized(), Optional.empty()))))
                    .isEqualTo("DPoP t-" + ++fetched);
            assertThat(Files.readString(file.resolveSibling(file.getFileName() + ".damaged")))
                    .isEqualTo(damaged);
            assertThat(presented(await(keyed(store).current()))).isEqualTo("DPoP t-" + fetched);
        }
    }

    private OAuthClient keyed(Path store) {
        return world.program(SECRET).proofOfPossession().store(store).build();
    }

    private static Path file(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.filter(path -> path.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void printsNoToken() throws Exception {
        OAuthClient client = world.program(SECRET).scopes(Set.of("x")).build();

        assertThat(await(client.answer(unauthorized(), Optional.empty())).toString())
                .doesNotContain("t-1");
        assertThat(SECRET.toString()).doesNotContain("s3cret");
    }
}
