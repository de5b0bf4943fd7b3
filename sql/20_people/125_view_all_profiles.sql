select ratebook.show_all_to_admins('lensers.profiles');
