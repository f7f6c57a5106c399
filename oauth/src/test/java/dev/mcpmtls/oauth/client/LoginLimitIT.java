// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import static dev.mcpmtls.oauth.client.OAuthWorld.await;
import static dev.mcpmtls.oauth.client.OAuthWorld.challenge;
import static dev.mcpmtls.oauth.client.OAuthWorld.json;
import static dev.mcpmtls.oauth.client.OAuthWorld.presented;
import static dev.mcpmtls.oauth.client.OAuthWorld.unauthorized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.protocol.token.Authorization;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that refuses every token, and a host that never stops, open few windows. */
class LoginLimitIT extends OAuthWorldFixture {

    private Person person;

    @BeforeEach
    void start() throws Exception {
        person = new Person(world);
    }

    private OAuthClient process() {
        return world.client()
                .browser(person.consenting())
                .store(directory.resolve("tokens"))
                .build();
    }

    /** A request of a host, which is sent as often as the transport would. */
    private void request(OAuthClient client) throws Exception {
        Optional<Authorization> token = await(client.current());
        for (int refusals = 0; refusals < 3; refusals++) {
            token = await(client.answer(unauthorized(), token));
        }
    }

    @Test
    void opensOneWindowInFiveMinutesForAServerThatRefusesEveryToken() throws Exception {
        OAuthClient client = process();
        for (int minute = 0; minute < 5; minute++) {
            for (int second = 0; second < 60; second += 15) {
                OAuthClient asked = second % 2 == 0 ? client : process();
                assertThatThrownBy(() -> request(asked)).isInstanceOf(NoTokenException.class);
                world.clock.move(Duration.ofSeconds(15));
            }
        }
        assertThat(person.shown).hasSize(1);

        assertThatThrownBy(() -> request(process())).isInstanceOf(NoTokenException.class);
        assertThat(person.shown).hasSize(2);
    }

    @Test
    void saysThatTheServerRefusesFreshTokensAndWhatToDo() throws Exception {
        OAuthClient client = process();
        Optional<Authorization> token = await(client.answer(unauthorized(), Optional.empty()));
        world.clock.move(Duration.ofSeconds(30));

        assertThatThrownBy(() -> await(client.answer(unauthorized(), token)))
                .isInstanceOf(NoTokenException.class)
                .hasMessageContaining("30 seconds ago, and the server refuses the token")
                .hasMessageContaining("audience")
                .hasMessageContaining(directory.resolve("tokens").toString());
    }

    @Test
    void opensAWindowAtOnceForTheIssuerThatTheServerMovedTo() throws Exception {
        OAuthClient client = process();
        Optional<Authorization> token = await(client.answer(unauthorized(), Optional.empty()));
        moveTo("as2");

        assertThat(presented(await(client.answer(unauthorized(), token)))).isEqualTo("Bearer t-2");

        assertThat(person.shown).hasSize(2);
    }

    @Test
    void opensFourWindowsInTenMinutesForAServerThatNamesOneIssuerAfterAnother() throws Exception {
        OAuthClient client = process();
        Optional<Authorization> token = await(client.answer(unauthorized(), Optional.empty()));
        for (int i = 1; i <= 3; i++) {
            moveTo("as" + i);
            token = await(client.answer(unauthorized(), token));
        }
        moveTo("as4");
        Optional<Authorization> last = token;

        assertThatThrownBy(() -> await(client.answer(unauthorized(), last)))
                .isInstanceOf(NoTokenException.class)
                .hasMessageContaining("4 times");
        assertThat(person.shown).hasSize(4);
    }

    /** From now on the server's metadata name another authorization server. */
    private void moveTo(String name) {
        String issuer = world.origin() + "/" + name;
        Map<String, Object> metadata = new HashMap<>(world.server);
        metadata.put("issuer", issuer);
        world.handlers.put("/.well-known/oauth-authorization-server/" + name, request -> json(200, metadata));
        world.resource.put("authorization_servers", List.of(issuer));
        person.issuer = issuer;
    }

    @Test
    void opensOneWindowAMinuteForAHostThatTriesAgain() throws Exception {
        person.refuses = true;
        for (int second = 0; second < 60; second += 20) {
            assertThatThrownBy(() -> await(process().answer(unauthorized(), Optional.empty())))
                    .isInstanceOf(NoTokenException.class);
            world.clock.move(Duration.ofSeconds(20));
        }
        assertThat(person.shown).hasSize(1);

        person.refuses = false;
        assertThat(presented(await(process().answer(unauthorized(), Optional.empty()))))
                .isEqualTo("Bearer t-1");
    }

    @Test
    void opensFourWindowsInTenMinutesForAServerThatWantsEverMoreScopes() throws Exception {
        Optional<Authorization> token = await(process().answer(challenge(401, "scope=s0"), Optional.empty()));
        for (int i = 1; i <= 3; i++) {
            String wanted = "error=\"insufficient_scope\", scope=\"s" + i + "\"";
            token = await(process().answer(challenge(403, wanted), token));
        }
        Optional<Authorization> last = token;

        String wanted = "error=\"insufficient_scope\", scope=\"s4\"";
        assertThatThrownBy(() -> await(process().answer(challenge(403, wanted), last)))
                .isInstanceOf(NoTokenException.class)
                .hasMessageContaining("4 times");
        assertThat(person.shown).hasSize(4);
    }

    @Test
    void asksAgainWhenATokenHasExpired() throws Exception {
        await(process().answer(unauthorized(), Optional.empty()));
        world.clock.move(Duration.ofHours(2));

        assertThat(presented(await(process().answer(unauthorized(), Optional.empty()))))
                .isEqualTo("Bearer t-2");
        assertThat(person.shown).hasSize(2);
    }
}
