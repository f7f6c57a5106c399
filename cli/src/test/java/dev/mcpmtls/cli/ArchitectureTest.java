// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.identity.Printable;

/** The allowed dependencies between the command line's packages. */
@AnalyzeClasses(packages = "dev.mcpmtls.cli", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule NO_CYCLES_BETWEEN_PACKAGES =
            slices().matching("dev.mcpmtls.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_CONSOLE_KNOWS_NOTHING_OF_WHAT_IT_PRINTS = noClasses()
            .that()
            .resideInAPackage("dev.mcpmtls.cli.console..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.mcpmtls..")
                    .and(resideOutsideOfPackage("dev.mcpmtls.cli.console.."))
                    .and(not(equivalentTo(Printable.class))) // cleans what is printed
                    .and(not(equivalentTo(Failures.class)))); // words why it could not be
}
