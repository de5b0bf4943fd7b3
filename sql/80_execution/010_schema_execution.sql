select ratebook.take_schema(
  'execution',
  'Evaluations: which model was better. Models take part as contenders, models and people judge. A module that an adopter may leave out.'
);
